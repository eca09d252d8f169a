//! `self` under another name: a closure parameter and a `let` cannot be called `self`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Item, Macro, Path};

use super::tokens::regroup;

/// The receiver's other name.
pub(super) fn receiver(span: Span) -> Ident {
    Ident::new("__self", Span::mixed_site().located_at(span))
}

/// Renames the receiver in a body.
pub(super) fn body(body: &Group, to: &Ident) -> Group {
    match syn::parse2::<Block>(TokenTree::Group(body.clone()).into()) {
        Ok(mut block) => {
            Rename(to).visit_block_mut(&mut block);
            let statements = block.stmts.iter().map(ToTokens::to_token_stream);
            regroup(body, statements.collect())
        }
        // Unfinished code, in an editor: as near as tokens can tell.
        Err(_) => regroup(body, tokens(body.stream(), to)),
    }
}

/// Renames the receiver in tokens which need not parse: the contents of a macro call.
pub(super) fn tokens(tokens: TokenStream, to: &Ident) -> TokenStream {
    let mut renamed = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    // After `fn` or `impl`, up to and with its body, `self` is somebody else.
    let mut nested = false;
    while let Some(token) = tokens.next() {
        let token = match token {
            TokenTree::Ident(ident) if ident == "fn" || ident == "impl" || ident == "trait" => {
                nested = true;
                TokenTree::Ident(ident)
            }
            TokenTree::Ident(ident) if ident == "self" && !nested => {
                let module = matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':' && next.spacing() == proc_macro2::Spacing::Joint);
                TokenTree::Ident(if module { ident } else { named(to, ident.span()) })
            }
            TokenTree::Group(group) if nested => {
                nested = group.delimiter() != Delimiter::Brace;
                TokenTree::Group(group)
            }
            TokenTree::Group(group) => {
                TokenTree::Group(regroup(&group, self::tokens(group.stream(), to)))
            }
            TokenTree::Punct(punct) => {
                // `impl Trait` in a type and `fn(..)` pointers have no body.
                nested &= !matches!(punct.as_char(), ';' | '=');
                TokenTree::Punct(punct)
            }
            other => other,
        };
        renamed.extend([token]);
    }
    renamed
}

/// The new name where the old one stood.
fn named(to: &Ident, span: Span) -> Ident {
    let mut ident = to.clone();
    ident.set_span(to.span().located_at(span));
    ident
}

/// Renames in code which parses.
struct Rename<'a>(&'a Ident);

impl VisitMut for Rename<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        // `self::function` is a module.
        if path.segments.len() == 1 && path.segments[0].ident == "self" {
            let ident = &mut path.segments[0].ident;
            *ident = named(self.0, ident.span());
        }
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        // A nested item has a `self` of its own; a local macro may use ours.
        if let Item::Macro(item) = item {
            self.visit_macro_mut(&mut item.mac);
        }
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        call.tokens = tokens(std::mem::take(&mut call.tokens), self.0);
    }
}
