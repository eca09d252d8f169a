//! Which policies a function has: its own, and the defaults of the block it is in.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Token, parenthesized};

use super::options::known;
use crate::defer::Entry;
use crate::errors::Errors;

/// What `#[resilient(..)]` on a function says.
#[derive(Default)]
struct Wish {
    skips_all: bool,
    skips: Vec<Ident>,
}

/// Puts the defaults among a function's own policies, the topmost first.
pub(crate) fn settle(
    entries: Vec<Entry>,
    waits: impl FnOnce() -> bool,
    errors: &mut Errors,
) -> Vec<Entry> {
    let (defaults, mut own): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| entry.origin.is_default);
    let is_mark = |entry: &Entry| entry.kind == "resilient";
    let is_inside = !defaults.is_empty();
    let place = own.iter().position(is_mark);
    let mut marks = Vec::new();
    own.retain_mut(|entry| {
        if is_mark(entry) {
            marks.push((entry.place, std::mem::take(&mut entry.args)));
            return false;
        }
        true
    });
    let mut wish = None;
    for (at, (place, args)) in marks.into_iter().enumerate() {
        if at > 0 {
            errors.at(place, "a second `resilient` on this function; keep one");
        } else if let Some(read) = errors.take(Wish::read(args)) {
            if !is_inside {
                errors.at(
                    place,
                    "`resilient` on a function is about the policies of a `#[resilient(..)]` on the block it is in; there is none",
                );
            }
            wish = Some(read);
        }
    }
    // Where the function has no wish of its own, what cannot wait is left alone.
    let applies = wish.as_ref().map_or_else(|| is_inside && waits(), |wish| !wish.skips_all);
    if !applies {
        return own;
    }
    let mut defaults = nearest(defaults);
    for skipped in wish.into_iter().flat_map(|wish| wish.skips) {
        if is_inside && !defaults.iter().any(|entry| skipped == entry.kind) {
            let message =
                format!("there is no `{skipped}` to skip among the policies of the block");
            errors.at(skipped.span(), message);
        }
        defaults.retain(|entry| skipped != entry.kind);
    }
    merge(defaults, own, place.unwrap_or(0), errors)
}

/// The defaults of the innermost block, which come first.
fn nearest(defaults: Vec<Entry>) -> Vec<Entry> {
    let entries = defaults.into_iter().skip(1);
    entries.take_while(|entry| entry.kind != "resilient").collect()
}

/// A policy of the function's own takes the place of the default of its kind.
fn merge(
    mut defaults: Vec<Entry>,
    own: Vec<Entry>,
    place: usize,
    errors: &mut Errors,
) -> Vec<Entry> {
    let count =
        |entries: &[Entry], kind: &str| entries.iter().filter(|entry| entry.kind == kind).count();
    let mut kept = Vec::new();
    let mut above = 0;
    let counts: Vec<_> = own
        .iter()
        .enumerate()
        .map(|(at, entry)| {
            let further = count(&own[at + 1..], &entry.kind);
            (count(&own, &entry.kind), further, count(&defaults, &entry.kind))
        })
        .collect();
    for (at, (entry, counts)) in own.into_iter().zip(counts).enumerate() {
        let default = defaults.iter_mut().find(|default| default.kind == entry.kind);
        match (default, counts) {
            (Some(default), (1, _, 1)) => *default = entry,
            // The last one is blamed for all of them.
            (Some(_), (_, 1.., _)) => {}
            (Some(_), (times, ..)) => {
                let kind = &entry.kind;
                let whose =
                    if times > 1 { "on this function" } else { "among the policies of the block" };
                errors.at(
                    entry.place,
                    format!(
                        "`{kind}` is {whose} more than once, so it is not clear which replaces which: write \
                         `#[resilient(skip({kind}))]`, and the function has its own only"
                    ),
                );
            }
            (None, _) => {
                above += usize::from(at < place);
                kept.push(entry);
            }
        }
    }
    kept.splice(above..above, defaults);
    kept
}

impl Wish {
    /// `skip`, `skip(policy, ..)`, or nothing.
    fn read(args: TokenStream) -> syn::Result<Self> {
        let parser = |input: ParseStream<'_>| {
            let mut wish = Self::default();
            while !input.is_empty() {
                let word = Ident::parse_any(input)?;
                if word == "crate" && input.peek(Token![=]) {
                    input.parse::<Token![=]>()?;
                    input.call(syn::Path::parse_mod_style)?;
                } else if word == "skip" {
                    wish.skip(input)?;
                } else {
                    return Err(refuse(&word));
                }
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(wish)
        };
        parser.parse2(args)
    }

    fn skip(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        if !input.peek(syn::token::Paren) {
            self.skips_all = true;
            return Ok(());
        }
        let list;
        parenthesized!(list in input);
        let skipped = list.parse_terminated(Ident::parse_any, Token![,])?;
        if skipped.is_empty() {
            self.skips_all = true;
        }
        for kind in skipped {
            known(&kind, &kind.to_string())?;
            self.skips.push(kind);
        }
        Ok(())
    }
}

/// What to say of something else on a function.
fn refuse(word: &Ident) -> Error {
    let name = word.to_string();
    let message = if failsafe_config::policy(&name).is_some() || name == "policies" {
        format!(
            "on a function, write the policy itself: `#[{name}(..)]` takes the place of that of the block"
        )
    } else {
        format!(
            "`{name}` means nothing here: on a function write `#[resilient(skip)]`, `#[resilient(skip(retry))]` or `#[resilient]`"
        )
    };
    Error::new(word.span(), message)
}
