//! The paths in `handle_rejected(Kind::Timeout)`. The kinds are known by their last word, so that
//! nothing need be imported; but who did import `Kind` for it must not hear that it is not used.

use crate::item::tokens::words;
use crate::read::{Given, Layer};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::HashSet;

/// Code that uses the paths before the kinds.
pub(super) fn imports(layers: &[Layer], krate: &TokenStream) -> TokenStream {
    let given = layers.iter().flat_map(Layer::kinds).map(Given::tokens);
    let mut seen = HashSet::new();
    let prefixes = given.flat_map(prefixes).filter(|prefix| seen.insert(prefix.to_string()));
    prefixes.map(|prefix| use_of(&prefix, krate)).collect()
}

fn use_of(prefix: &TokenStream, krate: &TokenStream) -> TokenStream {
    let mut named = HashSet::new();
    words(prefix.clone(), &mut named);
    if !named.contains("Kind") || named.len() > 1 {
        return quote!(const _: fn(#prefix) = |_| (););
    }
    // Two globs that bring the same type do not clash, and the first that has it is used.
    quote! {
        const _: () = {
            mod __kinds {
                #![allow(unused_imports, clippy::wildcard_imports, reason = "either may have it")]
                use super::*;
                use #krate::__rt::kinds::*;
                const _: fn(#prefix) = |_| ();
            }
        };
    }
}

/// What stands before the last word of each alternative.
fn prefixes(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let ends = |token: &TokenTree| matches!(token, TokenTree::Punct(end) if matches!(end.as_char(), '|' | ','));
    let colon =
        |token: &TokenTree| matches!(token, TokenTree::Punct(colon) if colon.as_char() == ':');
    let alternatives = tokens.split(ends);
    let prefixes = alternatives.filter_map(|path| {
        let last = path.iter().rposition(colon)?;
        Some(path[..last.checked_sub(1)?].iter().cloned().collect::<TokenStream>())
    });
    prefixes.filter(|prefix| !prefix.is_empty()).collect()
}
