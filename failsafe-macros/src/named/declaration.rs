//! `stack! { NAME = #[..] #[..] }`: the declaration of a stack, judged once, and the macro that it becomes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use failsafe_config::{did_you_mean, policies};
use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Error, MacroDelimiter, Meta, Token, Visibility};

use super::{CALL, group_at, place};
use crate::defer::{Entry, Origin};
use crate::errors::Errors;
use crate::item::tokens::regroup;
use crate::{check, render, stack};

/// A declared stack.
struct Stack {
    /// Its documentation, and other attributes of the declaration.
    attrs: Vec<Attribute>,
    vis: Visibility,
    name: Ident,
    policies: Vec<Attribute>,
}

/// Expands to the macros of the stacks.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut macros = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let mut faults = Errors::default();
            let stack = Stack::parse(input, &mut faults)?;
            macros.push(stack.render(&mut faults));
            errors.extend(faults);
        }
        Ok(())
    };
    let syntax = parser.parse2(input);
    errors.take(syntax);
    let report = errors.report();
    quote!(#(#macros)* #report)
}

impl Stack {
    /// Parses a declaration; what is wrong with its policies goes to `errors`, so that the name is there.
    fn parse(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse::<Visibility>()?;
        let keyword = input.fork().call(Ident::parse_any);
        if keyword.as_ref().is_ok_and(|word| {
            ["const", "static", "let", "fn", "mod"].iter().any(|item| word == item)
        }) {
            let word = keyword?;
            let message = format!(
                "a stack is no `{word}`: leave the word out, and write `PAYMENTS = #[retry(max = 3)] ..`"
            );
            return Err(Error::new(word.span(), message));
        }
        let name = input.parse::<Ident>().map_err(|error| {
            Error::new(
                error.span(),
                "write the name of the stack and its policies: `PAYMENTS = #[retry(max = 3)] ..`",
            )
        })?;
        input.parse::<Token![=]>().map_err(|error| {
            let place = if input.is_empty() { name.span() } else { error.span() };
            Error::new(
                place,
                format!(
                    "the policies of `{name}` come after a `=`: `{name} = #[retry(max = 3)] ..`"
                ),
            )
        })?;
        let policies = input.call(Attribute::parse_outer).unwrap_or_else(|error| {
            errors.add(error);
            Vec::new()
        });
        let ends = input.is_empty() || input.peek(Token![;]);
        if policies.is_empty() && ends && errors.is_empty() {
            let message = format!(
                "the stack `{name}` has no policies: write them as attributes, `{name} = #[retry(max = 3)] ..`"
            );
            errors.at(name.span(), message);
        }
        if !ends {
            errors.at(input.span(), "policies are written as attributes, `#[retry(max = 3)]`; a `;` is between two stacks");
            while !input.is_empty() && !input.peek(Token![;]) {
                input.parse::<TokenTree>()?;
            }
        }
        input.parse::<Option<Token![;]>>()?;
        Ok(Self { attrs, vis, name, policies })
    }

    /// The macro, which leaves a function alone if the policies have a fault: that is reported here, once.
    fn render(&self, errors: &mut Errors) -> TokenStream {
        let entries: Vec<_> =
            self.policies.iter().filter_map(|policy| errors.take(entry(policy)?)).collect();
        let layers = stack::read(&entries, errors);
        check::check(&layers, None, errors);
        for nested in entries.iter().filter(|entry| entry.kind == "policies") {
            let path = errors.take(place::path(nested.args.clone()));
            if path.is_some_and(|path| path.is_ident(&self.name)) {
                errors.at(
                    nested.place,
                    format!("the stack `{}` cannot be made of itself", self.name),
                );
            }
        }
        let krate = entries.iter().find_map(Entry::krate).map(from_anywhere);
        let placed =
            errors.is_empty().then(|| entries.iter().map(written).collect::<TokenStream>());
        self.definition(placed.as_ref(), krate.as_ref(), &render::summary(&layers))
    }

    fn definition(
        &self,
        placed: Option<&TokenStream>,
        krate: Option<&TokenStream>,
        summary: &[String],
    ) -> TokenStream {
        let Self { attrs, vis, name, .. } = self;
        // What is wrong with the macro is wrong with the name.
        let span = Span::call_site().located_at(name.span());
        let is_exported = matches!(vis, Visibility::Public(_));
        let exported = is_exported.then(|| quote_spanned!(span=> #[macro_export] #[doc(hidden)]));
        let inlined = is_exported.then(|| quote_spanned!(span=> #[doc(inline)]));
        let unique = self.unique(is_exported);
        let call = Ident::new(CALL, span);
        let (here, said) =
            (krate.cloned().unwrap_or_else(|| quote_spanned!(span=> ::failsafe)), krate);
        let given = quote_spanned!(span=> $($krate)+);
        let default_arm = placed
            .map(|placed| quote_spanned!(span=> #[#here::#call([(#said) $($origin)*] #placed)]));
        let given_arm = placed
            .map(|placed| quote_spanned!(span=> #[#given::#call([(#given) $($origin)*] #placed)]));
        let misuse = format!(
            "`{name}` is a stack of policies: write `#[failsafe::policies({name})]` above a function"
        );
        let title = " A stack of policies, the outermost first:";
        quote_spanned! {span=>
            #(#attrs)*
            #[doc = ""]
            #[doc = #title]
            #[doc = ""]
            #(#[doc = #summary])*
            #exported
            macro_rules! #unique {
                (@#call [() $($origin:tt)*] $($item:tt)*) => { #default_arm $($item)* };
                (@#call [($($krate:tt)+) $($origin:tt)*] $($item:tt)*) => { #given_arm $($item)* };
                ($($other:tt)*) => { ::core::compile_error! { #misuse } };
            }
            #inlined
            #vis use #unique as #name;
        }
    }

    /// The name of the macro itself. Those that another crate may use are all in the root of this one, so each has its own.
    fn unique(&self, is_exported: bool) -> Ident {
        let name = &self.name;
        if !is_exported {
            return format_ident!("__failsafe_stack_{name}");
        }
        let mut hasher = DefaultHasher::new();
        format!("{:?}", name.span()).hash(&mut hasher);
        for policy in &self.policies {
            policy.to_token_stream().to_string().hash(&mut hasher);
        }
        format_ident!("__failsafe_stack_{name}_{:x}", hasher.finish())
    }
}

/// One policy; none for a comment.
fn entry(attr: &Attribute) -> Option<syn::Result<Entry>> {
    let kind = attr.path().segments.last()?.ident.clone();
    let name = kind.to_string();
    let place = attr.bracket_token.span.join();
    let known = policies().iter().map(|policy| policy.name).chain(["policies"]);
    if name == "doc" {
        return None;
    }
    if !known.clone().any(|known| known == name) {
        let hint = did_you_mean(&name, "policies", known.collect::<Vec<_>>());
        let message = format!("a stack is made of policies, and `{name}` is none; {hint}");
        return Some(Err(Error::new_spanned(attr.path(), message)));
    }
    let args = match &attr.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) if matches!(list.delimiter, MacroDelimiter::Paren(_)) => {
            list.tokens.clone()
        }
        other => {
            let message = format!("the options of a policy are in parentheses: `#[{name}(..)]`");
            return Some(Err(Error::new_spanned(other, message)));
        }
    };
    Some(Ok(Entry { kind: name, span: kind.span(), place, args, origin: Origin::default() }))
}

/// `kind(args)`, as it is placed on a function.
fn written(entry: &Entry) -> TokenStream {
    let kind = Ident::new(&entry.kind, entry.span);
    let args = Group::new(Delimiter::Parenthesis, from_anywhere(entry.args.clone()));
    let args = group_at(entry.place, args);
    quote!(#kind #args)
}

/// The same paths for every crate: `crate::` is that of the declaration.
fn from_anywhere(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut result = TokenStream::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let inner = from_anywhere(group.stream());
                result.extend([TokenTree::Group(regroup(group, inner))]);
            }
            TokenTree::Ident(word) if word == "crate" && leads_on(tokens.get(at + 1)) => {
                let is_marked = at > 0
                    && matches!(&tokens[at - 1], TokenTree::Punct(mark) if mark.as_char() == '$');
                if !is_marked {
                    let mut mark = Punct::new('$', Spacing::Alone);
                    mark.set_span(word.span());
                    result.extend([TokenTree::Punct(mark)]);
                }
                result.extend(word.to_token_stream());
            }
            other => result.extend([other.clone()]),
        }
    }
    result
}

/// Whether a path goes on here.
fn leads_on(next: Option<&TokenTree>) -> bool {
    matches!(next, Some(TokenTree::Punct(colon)) if colon.as_char() == ':')
}
