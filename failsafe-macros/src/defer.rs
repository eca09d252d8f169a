//! Deferral: how several attributes on one item become one stack.
//!
//! rustc expands the topmost attribute first, so attributes that expand on their own nest upside down. Each of ours
//! therefore only moves itself onto a trailing `#[<krate>::__stack(..)]` and re-emits the item. rustc goes on with
//! whatever attribute comes next, ours or not, and resolves every name itself; `__stack` is the last to expand.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use crate::item::tokens::{Item, What, last_segment, what};

/// The name of the attribute which carries the stack.
const STACK: &str = "__stack";

/// One attribute of a stack.
pub(crate) struct Entry {
    /// The attribute's own name (`retry`), whatever it was imported as.
    pub kind: String,
    /// The whole attribute, `#[..]`, as the place of generated code.
    pub span: Span,
    /// The same as the place of a fault: the user's own code, not that of a macro.
    pub place: Span,
    /// What stood between its parentheses.
    pub args: TokenStream,
    /// Where it was written, if not on the function.
    pub origin: Origin,
}

/// Where policies were written that do not stand on their function.
#[derive(Clone, Default)]
pub(crate) struct Origin {
    /// The path of the crate `failsafe`, if something says it.
    pub krate: TokenStream,
    /// The path of the stack, as it stands on the function.
    pub site: TokenStream,
    /// Whether it is a default of what the function is in.
    pub is_default: bool,
}

impl Origin {
    /// `[(krate) (site) default]`
    pub(crate) fn to_group(&self) -> Group {
        let Self { krate, site, is_default } = self;
        let default = is_default.then(|| quote!(default));
        Group::new(Delimiter::Bracket, quote!((#krate) (#site) #default))
    }

    pub(crate) fn read(group: &Group) -> Self {
        let part = |token: Option<TokenTree>| match token {
            Some(TokenTree::Group(part)) => part.stream(),
            _ => TokenStream::new(),
        };
        let mut tokens = group.stream().into_iter();
        let (krate, site) = (part(tokens.next()), part(tokens.next()));
        Self { krate, site, is_default: tokens.next().is_some() }
    }

    /// The path of the crate `failsafe`.
    pub(crate) fn krate(&self) -> Option<TokenStream> {
        (!self.krate.is_empty()).then(|| self.krate.clone())
    }
}

impl Entry {
    /// The path of the crate `failsafe`, if it or its origin says one.
    pub(crate) fn krate(&self) -> Option<TokenStream> {
        self.origin.krate().or_else(|| krate(&self.args))
    }
}

/// Moves the attribute `kind(args)` onto the stack of `item` and re-emits the item.
///
/// An item which no policy can go on is re-emitted as it is, beside one error.
pub(crate) fn defer(
    kind: &str,
    attr_span: Span,
    args: TokenStream,
    item: TokenStream,
) -> TokenStream {
    let user = args.clone().into_iter().next().map_or(attr_span, |first| first.span());
    let place = user.located_at(attr_span);
    if let Some(message) = misplaced(kind, &item) {
        return quote_spanned!(place=> #item ::core::compile_error! { #message });
    }
    let krate = krate(&args);
    let mut entry_args = Group::new(Delimiter::Parenthesis, args);
    entry_args.set_span(place);
    let name = Ident::new(kind, attr_span);
    let entry = quote!(#name #entry_args);

    let mut item = Item::split(item);
    push(&mut item, attr_span, krate, &entry);
    item.join()
}

/// Adds an entry to the stack of an item, below those that are there.
pub(crate) fn push(item: &mut Item, span: Span, krate: Option<TokenStream>, entry: &TokenStream) {
    let stack =
        item.attrs.iter_mut().rfind(|attr| last_segment(attr).is_some_and(|name| name == STACK));
    if let Some(stack) = stack {
        *stack = append(stack, krate, entry);
    } else {
        let krate = krate.unwrap_or_else(|| quote_spanned!(span=> ::failsafe));
        item.attrs.push(attribute(span, &krate, entry));
    }
}

/// Reads the argument of `__stack`: the attributes of one item, the topmost (outermost) first.
pub(crate) fn entries(args: TokenStream) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut name = None;
    for token in args {
        match token {
            TokenTree::Ident(ident) => name = Some(ident),
            TokenTree::Group(group) => {
                if let Some(ident) = name.take() {
                    entries.push(Entry {
                        kind: ident.to_string(),
                        span: ident.span(),
                        place: group.span(),
                        args: group.stream(),
                        origin: Origin::default(),
                    });
                } else if let Some(entry) = entries.last_mut() {
                    entry.origin = Origin::read(&group);
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    entries
}

/// The path in `crate = path` among an attribute's arguments.
pub(crate) fn krate(args: &TokenStream) -> Option<TokenStream> {
    let mut argument = Vec::new();
    for token in args.clone() {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
            if let Some(path) = krate_argument(&argument) {
                return Some(path);
            }
            argument.clear();
        } else {
            argument.push(token);
        }
    }
    krate_argument(&argument)
}

/// `path`, if these tokens are `crate = path`.
fn krate_argument(argument: &[TokenTree]) -> Option<TokenStream> {
    match argument {
        [TokenTree::Ident(key), TokenTree::Punct(equals), path @ ..]
            if key == "crate" && equals.as_char() == '=' && !path.is_empty() =>
        {
            Some(path.iter().cloned().map(generated).collect())
        }
        _ => None,
    }
}

/// Marks a token as generated: lints on the user's own paths (`unused_qualifications`) are not about ours. `$crate` is
/// nothing but its span.
fn generated(mut token: TokenTree) -> TokenTree {
    if token.to_string() != "$crate" {
        token.set_span(token.span().resolved_at(Span::call_site()));
    }
    token
}

/// Adds an entry to an attribute which is already there.
fn append(stack: &Group, krate: Option<TokenStream>, entry: &TokenStream) -> Group {
    let mut tokens: Vec<_> = stack.stream().into_iter().collect();
    let Some(TokenTree::Group(entries)) = tokens.pop() else {
        // Somebody wrote `#[__stack]` by hand; rustc will say what it thinks of it.
        return stack.clone();
    };
    // The first attribute guessed the default path; a later one may know better.
    let path = match krate {
        Some(krate) => stack_path(stack.span(), &krate),
        None => tokens.into_iter().collect(),
    };
    let (entries, span) = (entries.stream(), stack.span());
    bracket(span, quote_spanned!(span=> #path(#entries, #entry)))
}

/// A new stack of one entry.
fn attribute(span: Span, krate: &TokenStream, entry: &TokenStream) -> Group {
    let path = stack_path(span, krate);
    bracket(span, quote_spanned!(span=> #path(#entry)))
}

/// `<krate>::__stack`, blamed on the attribute when it does not resolve.
fn stack_path(span: Span, krate: &TokenStream) -> TokenStream {
    let stack = Ident::new(STACK, span);
    quote_spanned!(span=> #krate::#stack)
}

/// `[tokens]`
fn bracket(span: Span, tokens: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Bracket, tokens);
    group.set_span(span);
    group
}

/// Why this attribute cannot be on this item, if it cannot.
pub(crate) fn misplaced(kind: &str, item: &TokenStream) -> Option<String> {
    match what(item) {
        What::Function => None,
        What::Bodyless => Some(format!(
            "`{kind}` needs a body to run: this function has none; put the attribute on the implementation"
        )),
        What::Impl => Some(format!(
            "`{kind}` goes on a function or method; this is an `impl` block; put it on the methods, or on all that are \
             `async` by `#[resilient({kind}(..))]`"
        )),
        What::Trait => Some(format!(
            "`{kind}` goes on a function or method; this is a trait; put it on the methods of an implementation, or around \
             all implementations by `#[resilient({kind}(..))]`"
        )),
        What::Module => Some(format!(
            "`{kind}` goes on a function or method; this is a module; write `#[resilient({kind}(..))]` for its `async` functions"
        )),
        What::Other(other) => {
            Some(format!("`{kind}` goes on a function or method; this is {other}"))
        }
    }
}
