//! `handle(<pattern>)`: whether it is a pattern. The compiler judges what the pattern is of.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Expr, Pat, Token};

/// Finds out whether the tokens are a pattern with an optional guard, as in an arm of a `match`.
pub(super) fn check(option: &str, key: Span, pattern: &TokenStream) -> Result<(), Error> {
    let wants = format!("`{option}` takes a pattern over the return type, such as `Err(_)`");
    if pattern.is_empty() {
        return Err(Error::new(key, wants));
    }
    if is_closure(pattern) {
        let message = format!("this is not a pattern: a closure is written `{option}_if = ..`");
        return Err(Error::new_spanned(pattern, message));
    }
    let parser = |input: ParseStream<'_>| {
        Pat::parse_multi_with_leading_vert(input)?;
        if input.parse::<Option<Token![if]>>()?.is_some() {
            input.parse::<Expr>()?;
        }
        if input.peek(Token![,]) {
            return Err(input.error("patterns are joined by `|`, not by commas"));
        }
        if input.is_empty() { Ok(()) } else { Err(input.error("the pattern ends before this")) }
    };
    parser.parse2(pattern.clone()).map_err(|error| {
        let text = error.to_string();
        if text.starts_with("unexpected end of input") {
            // At the end of the input there is nothing to point at.
            return Error::new_spanned(pattern, format!("{wants}; this one is not finished"));
        }
        error
    })
}

/// `|outcome| ..`; the patterns of `| A | B` are not variables.
fn is_closure(pattern: &TokenStream) -> bool {
    let bar = |token: &TokenTree| matches!(token, TokenTree::Punct(bar) if bar.as_char() == '|');
    let tokens: Vec<_> = pattern.clone().into_iter().take(3).collect();
    match &tokens[..] {
        [first, TokenTree::Ident(name), third] if bar(first) => {
            let name = name.to_string();
            let variable = !name.contains(char::is_uppercase);
            variable
                && (bar(third)
                    || matches!(third, TokenTree::Punct(colon) if colon.as_char() == ':'))
        }
        [TokenTree::Ident(word), second, ..] => (word == "move" || word == "async") && bar(second),
        _ => false,
    }
}
