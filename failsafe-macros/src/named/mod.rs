//! Named stacks: policies that are written once, by `stack!`, and put on many functions by `#[policies(NAME)]`.
//!
//! A macro cannot look at another item, so a stack is itself a macro: `stack!` makes a `macro_rules!` of its name, and
//! `#[policies(NAME)]` calls that by its path, which rustc resolves like any other. It gives the item back under
//! `#[__policies(..)]`, which puts the policies onto the item's stack, where `#[policies(NAME)]` stood.

mod declaration;
mod place;

use std::collections::HashSet;

use proc_macro2::{Group, Span, TokenStream, TokenTree};

use crate::defer::Entry;
use crate::item::tokens::{self, regroup};

pub(crate) use self::declaration::expand as declare;
pub(crate) use self::place::{apply, path, place};

/// The word by which the macro of a stack knows that it is called by us.
const CALL: &str = "__policies";

/// An attribute of a stack, in which the parameters of the function and `self` are those of the function: where a macro
/// brought them, they are not.
pub(crate) fn at_home(mut entry: Entry, names: &HashSet<String>) -> Entry {
    if let Some(site) = entry.origin.site.clone().into_iter().next() {
        entry.args = resolved(entry.args, names, site.span());
    }
    entry
}

fn resolved(args: TokenStream, names: &HashSet<String>, site: Span) -> TokenStream {
    let each = args.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            let inner = resolved(group.stream(), names, site);
            return TokenTree::Group(regroup(group, inner));
        }
        let mut words = HashSet::new();
        tokens::words(token.clone().into(), &mut words);
        if words.contains("self") || !words.is_disjoint(names) {
            token.set_span(token.span().resolved_at(site));
        }
        token
    });
    each.collect()
}

/// A group whose delimiters are at a place.
fn group_at(span: Span, mut group: Group) -> Group {
    group.set_span(span);
    group
}
