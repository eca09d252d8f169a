//! `#[resilient(..)]`: policies for everything in an `impl` block or a module, and around any implementation of a trait.
//!
//! On a block it writes the policies onto the functions as defaults, and on a trait it writes a struct whose methods have
//! them; the rest is deferral. What a default is to the function's own policies is settled where those come together, so
//! that rustc has resolved the names.

mod block;
mod decorator;
mod method;
mod options;
mod settle;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::quote_spanned;

pub(crate) use self::settle::settle;
use crate::defer;
use crate::item::tokens::{Item, What, what};

/// The attribute that is expanded when all others of the item are.
const LAST: &str = "__resilient";

/// Expands the attribute on a function, and moves it to the end on what contains functions.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let span = Span::call_site();
    let refuse = |message: &str| quote_spanned!(span=> #item ::core::compile_error! { #message });
    match what(&item) {
        What::Function => defer::defer("resilient", span, args, item),
        What::Impl | What::Trait | What::Module => {
            let krate = defer::krate(&args).unwrap_or_else(|| quote_spanned!(span=> ::failsafe));
            let last = Ident::new(LAST, span);
            let mut item = Item::split(item);
            let attr = quote_spanned!(span=> #krate::#last(#args));
            item.attrs.push(at(span, Group::new(Delimiter::Bracket, attr)));
            item.join()
        }
        What::Bodyless => refuse(
            "`resilient` on a method without a body is about the policies of a `#[resilient(..)]` on the trait; there is none",
        ),
        What::Other(other) => refuse(&format!(
            "`resilient` goes on an `impl` block, a trait, an inline module, or a function in them; this is {other}"
        )),
    }
}

/// Expands what was moved to the end.
pub(crate) fn last(args: &TokenStream, item: TokenStream) -> TokenStream {
    match what(&item) {
        What::Trait => decorator::expand(args, &item),
        _ => block::expand(args, item),
    }
}

/// A group whose delimiters are at a place.
fn at(span: Span, mut group: Group) -> Group {
    group.set_span(span);
    group
}
