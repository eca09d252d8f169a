//! On an `impl` block or a module: the policies become defaults of its functions.
//!
//! The functions are found by their tokens, so that the block need not parse while it is being written.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::quote;

use super::options::Options;
use crate::errors::Errors;
use crate::item::tokens::{Item, What, regroup, what};

/// Expands `#[resilient(..)]` on a block.
pub(super) fn expand(args: &TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::read(args, &mut errors);
    if options.is_empty() && errors.is_empty() {
        errors.at(
            Span::call_site(),
            "no policy is named: write policies, the outermost first: `#[resilient(retry(max = 3), timeout(\"10s\"))]`",
        );
    }
    let has_body = matches!(item.clone().into_iter().last(), Some(TokenTree::Group(_)));
    if !has_body {
        errors.at(Span::call_site(), "this module is in another file, where an attribute cannot see it: put `#[resilient(..)]` on the blocks in it");
    }
    let (item, report) = (within(item, &options.attribute()), errors.report());
    quote!(#item #report)
}

/// The item with the attribute on the functions in its braces.
fn within(item: TokenStream, attr: &Group) -> TokenStream {
    let mut item = Item::split(item);
    if let Some(TokenTree::Group(block)) = item.rest_mut().last_mut() {
        if block.delimiter() == Delimiter::Brace {
            let items = items(block.stream()).into_iter().map(|item| on(item, attr));
            *block = regroup(block, items.collect());
        }
    }
    item.join()
}

/// An item of a block, with the attribute where it belongs.
fn on(item: TokenStream, attr: &Group) -> TokenStream {
    match what(&item) {
        What::Function => {
            let mut item = Item::split(item);
            item.attrs.insert(0, attr.clone());
            item.join()
        }
        What::Impl | What::Module => within(item, attr),
        What::Bodyless | What::Trait | What::Other(_) => item,
    }
}

/// The items in a block.
fn items(block: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<_> = block.into_iter().collect();
    let mut items = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let ends = match token {
            TokenTree::Punct(end) => end.as_char() == ';',
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Brace => ends_item(&tokens[start..at], tokens.get(at + 1)),
                Delimiter::Bracket => is_inner_attribute(&tokens[start..at]),
                // The body of a function in a `macro_rules!`.
                Delimiter::None => {
                    is_block(group) && ends_item(&tokens[start..at], tokens.get(at + 1))
                }
                Delimiter::Parenthesis => false,
            },
            _ => false,
        };
        if ends {
            items.push(tokens[start..=at].iter().cloned().collect());
            start = at + 1;
        }
    }
    items.push(tokens[start..].iter().cloned().collect());
    items
}

/// `#!`
fn is_inner_attribute(before: &[TokenTree]) -> bool {
    matches!(before, [TokenTree::Punct(hash), TokenTree::Punct(bang)] if hash.as_char() == '#' && bang.as_char() == '!')
}

fn is_block(group: &Group) -> bool {
    let mut inner = group.stream().into_iter();
    matches!((inner.next(), inner.next()), (Some(TokenTree::Group(block)), None) if block.delimiter() == Delimiter::Brace)
}

/// Whether a block after these tokens is the end of an item: not the value of a constant, nor a const argument.
fn ends_item(before: &[TokenTree], next: Option<&TokenTree>) -> bool {
    let is_argument =
        matches!(next, Some(TokenTree::Punct(next)) if matches!(next.as_char(), '>' | ','));
    !is_argument && !ends_in_semicolon(before)
}

/// Whether this begins a constant, a static, a type or an import.
fn ends_in_semicolon(tokens: &[TokenTree]) -> bool {
    let mut words = tokens.iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    let qualifiers = ["pub", "default", "unsafe", "async", "safe", "extern"];
    let word = words.find(|word| !qualifiers.contains(&word.as_str()));
    match word.as_deref() {
        Some("static" | "type" | "use") => true,
        Some("const") => {
            let next = words.next();
            !matches!(next.as_deref(), Some("fn" | "unsafe" | "async" | "extern"))
        }
        _ => false,
    }
}
