//! What can be said of an item without parsing it, so that unfinished code keeps working in an editor.

use std::collections::HashSet;

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

/// An item as its outer attributes and everything after them.
pub(crate) struct Item {
    /// The `[..]` of each attribute.
    pub attrs: Vec<Group>,
    rest: Vec<TokenTree>,
    hashes: Vec<Punct>,
}

impl Item {
    /// Splits the attributes off.
    pub(crate) fn split(item: TokenStream) -> Self {
        let mut rest: Vec<_> = item.into_iter().collect();
        let (mut attrs, mut hashes) = (Vec::new(), Vec::new());
        let mut used = 0;
        while let [TokenTree::Punct(hash), TokenTree::Group(attr), ..] = &rest[used..] {
            if hash.as_char() != '#' || attr.delimiter() != Delimiter::Bracket {
                break;
            }
            hashes.push(hash.clone());
            attrs.push(attr.clone());
            used += 2;
        }
        rest.drain(..used);
        Self { attrs, rest, hashes }
    }

    /// What comes after the attributes.
    pub(crate) fn rest_mut(&mut self) -> &mut Vec<TokenTree> {
        &mut self.rest
    }

    /// The item again, token for token, with the attributes it has now.
    pub(crate) fn join(self) -> TokenStream {
        let mut hashes = self.hashes.into_iter();
        let mut tokens = TokenStream::new();
        for attr in self.attrs {
            let hash = hashes.next().unwrap_or_else(|| {
                let mut hash = Punct::new('#', Spacing::Alone);
                hash.set_span(attr.span());
                hash
            });
            tokens.extend([TokenTree::Punct(hash), TokenTree::Group(attr)]);
        }
        tokens.extend(self.rest);
        tokens
    }
}

/// What an attribute was put on.
pub(crate) enum What {
    /// A function with a body.
    Function,
    /// A function without one: in a trait or an `extern` block.
    Bodyless,
    /// An `impl` block.
    Impl,
    /// A trait.
    Trait,
    /// A module.
    Module,
    /// Something else, with its article: "a struct".
    Other(&'static str),
}

/// Finds out what an item is from its keywords.
pub(crate) fn what(item: &TokenStream) -> What {
    let rest = Item::split(item.clone()).rest;
    let bodyless = matches!(rest.last(), Some(TokenTree::Punct(last)) if last.as_char() == ';');
    let words = rest.iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    let mut constant = false;
    for word in words {
        let other = match word.as_str() {
            "fn" if bodyless => return What::Bodyless,
            "fn" => return What::Function,
            // Qualifiers, and `const` items: told apart by what comes next.
            "const" => {
                constant = true;
                continue;
            }
            "pub" | "crate" | "default" | "async" | "unsafe" | "safe" | "extern" => continue,
            "struct" => "a struct",
            "enum" => "an enum",
            "union" => "a union",
            "impl" => return What::Impl,
            "trait" => return What::Trait,
            "mod" => return What::Module,
            "type" => "a type",
            "static" => "a static",
            "use" => "an import",
            "macro_rules" => "a macro",
            _ if constant => "a constant",
            _ => "something else",
        };
        return What::Other(other);
    }
    What::Other("something else")
}

/// The last segment of an attribute's path.
pub(crate) fn last_segment(attr: &Group) -> Option<Ident> {
    let mut last = None;
    for token in attr.stream() {
        match token {
            TokenTree::Ident(ident) => last = Some(ident),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            _ => break,
        }
    }
    last
}

/// The block inside the invisible group which a `$body:block` of `macro_rules!` arrives in.
pub(super) fn block(token: TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group),
        Delimiter::None => {
            let mut inner = group.stream().into_iter();
            let block = inner.next().and_then(block)?;
            inner.next().is_none().then_some(block)
        }
        Delimiter::Parenthesis | Delimiter::Bracket => None,
    }
}

/// Splits the inner attributes (`#![..]`) off a body. They may not stand in a closure, so they move to the function.
pub(super) fn inner_attributes(body: Group) -> (Vec<Group>, Group) {
    let tokens: Vec<_> = body.stream().into_iter().collect();
    let mut attrs = Vec::new();
    let mut used = 0;
    while let [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(attr), ..] =
        &tokens[used..]
    {
        if hash.as_char() != '#' || bang.as_char() != '!' {
            break;
        }
        attrs.push(attr.clone());
        used += 3;
    }
    if used == 0 {
        return (attrs, body);
    }
    let rest = regroup(&body, tokens.into_iter().skip(used).collect());
    (attrs, rest)
}

/// `group` with other contents.
pub(crate) fn regroup(group: &Group, tokens: TokenStream) -> Group {
    let mut new = Group::new(group.delimiter(), tokens);
    new.set_span(group.span());
    new
}

/// A body whose braces are ours, at the place of the user's: they stand inside a block of ours, where the user's would
/// be told that they are not needed.
pub(super) fn hygienic(body: &Group) -> Group {
    let mut new = Group::new(body.delimiter(), body.stream());
    new.set_span(Span::mixed_site().located_at(body.span()));
    new
}

/// Whether a format string captures `self`, which cannot be renamed there.
pub(super) fn formats_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => formats_self(group.stream()),
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            text.contains('"') && (text.contains("{self}") || text.contains("{self:"))
        }
        _ => false,
    })
}

/// Whether `word` occurs as an identifier.
pub(super) fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), word),
        TokenTree::Ident(ident) => ident == word,
        _ => false,
    })
}

/// Whether tokens have this identifier.
pub(super) fn says(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => says(group.stream(), word),
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The identifiers in tokens, those in the braces of format strings included.
pub(crate) fn words(tokens: TokenStream, words: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                words.insert(word.to_string());
            }
            TokenTree::Group(group) => self::words(group.stream(), words),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let braced = text.split('{').skip(1).filter_map(|rest| {
                    rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()
                });
                words.extend(braced.filter(|word| !word.is_empty()).map(str::to_owned));
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// A place in the user's code, from one token to another: the compiler joins what starts at the
/// first and ends at the last, which a macro cannot.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The first token, for generated code.
    pub first: Span,
    /// The last token, for generated code.
    pub last: Span,
}

impl Place {
    /// From the first of some tokens to the last of them.
    pub(crate) fn of(tokens: impl ToTokens) -> Self {
        let mut spans = tokens.into_token_stream().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::call_site);
        Self { last: generated(spans.last().unwrap_or(first)), first: generated(first) }
    }

    /// All of a span.
    pub(crate) fn at(span: Span) -> Self {
        Self { first: generated(span), last: generated(span) }
    }

    /// The path `within::name`, which takes all of the place.
    pub(crate) fn path(self, within: &TokenStream, name: &str) -> TokenStream {
        // The compiler joins what is resolved alike, so all of it is, but for `$crate`.
        let path = within.clone().into_iter().map(|mut token| {
            let resolved = if token.to_string() == "$crate" { token.span() } else { self.first };
            token.set_span(resolved.located_at(self.first));
            token
        });
        let (path, name) = (path.collect::<TokenStream>(), Ident::new(name, self.last));
        quote_spanned!(self.first=> #path::#name)
    }

    /// Parentheses around arguments, at the end of the place.
    pub(crate) fn arguments(self, arguments: TokenStream) -> Group {
        let mut group = Group::new(Delimiter::Parenthesis, arguments);
        group.set_span(self.last);
        group
    }
}

/// A place for generated code, which no variable of the user is visible to.
fn generated(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// The same tokens, resolved as before, elsewhere in the source.
pub(crate) fn located_at(tokens: &TokenStream, span: Span) -> TokenStream {
    let moved = tokens.clone().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    moved.collect()
}
