//! What stands in `#[resilient(..)]`: policies in the grammar of their attributes, the first the outermost.

use failsafe_config::{did_you_mean, policies};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Token, parenthesized};

use super::at;
use crate::defer::{self, Entry, Origin};
use crate::errors::Errors;
use crate::{check, named, stack};

/// The policies of a `#[resilient(..)]`.
pub(super) struct Options {
    entries: Vec<Entry>,
    krate: TokenStream,
}

impl Options {
    /// Reads and judges them; if they have a fault, there are none, so that it is reported once.
    pub(super) fn read(args: &TokenStream, errors: &mut Errors) -> Self {
        let (mut entries, mut faults) = (Vec::new(), Errors::default());
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                match one(input) {
                    Ok(entry) => entries.extend(entry),
                    Err(error) => {
                        faults.add(error);
                        while !input.is_empty() && !input.peek(Token![,]) {
                            input.parse::<TokenTree>()?;
                        }
                    }
                }
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(())
        };
        let syntax = parser.parse2(args.clone());
        faults.take(syntax);
        let layers = stack::read(&entries, &mut faults);
        check::check(&layers, None, &mut faults);
        for nested in entries.iter().filter(|entry| entry.kind == "policies") {
            faults.take(named::path(nested.args.clone()));
        }
        let krate = defer::krate(args).or_else(|| entries.iter().find_map(Entry::krate));
        if !faults.is_empty() {
            entries.clear();
        }
        errors.extend(faults);
        Self { entries, krate: krate.unwrap_or_default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The contents of the attribute which makes these the defaults of a function.
    pub(super) fn attribute(&self) -> Group {
        let span = Span::call_site();
        let from =
            Origin { krate: self.krate.clone(), is_default: true, ..Origin::default() }.to_group();
        let entries = self.entries.iter().map(|entry| {
            let kind = Ident::new(&entry.kind, entry.span);
            let args = at(entry.place, Group::new(Delimiter::Parenthesis, entry.args.clone()));
            quote!(#kind #args)
        });
        let krate = if self.krate.is_empty() {
            quote_spanned!(span=> ::failsafe)
        } else {
            self.krate.clone()
        };
        let place = Ident::new("__policies", span);
        // The first one says where the defaults begin.
        let attr = quote_spanned!(span=> #krate::#place(#from resilient() #(#entries)*));
        at(span, Group::new(Delimiter::Bracket, attr))
    }
}

/// `policy(options)`; none for `crate = path`.
fn one(input: ParseStream<'_>) -> syn::Result<Option<Entry>> {
    const WRITE: &str =
        "write policies, the outermost first: `#[resilient(retry(max = 3), timeout(\"10s\"))]`";
    let kind = Ident::parse_any(input).map_err(|error| Error::new(error.span(), WRITE))?;
    let name = kind.to_string();
    if name == "crate" && input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        input.call(syn::Path::parse_mod_style)?;
        return Ok(None);
    }
    if name == "skip" {
        let message = "`skip` goes on a method: `#[resilient(skip)]` leaves it alone, `#[resilient(skip(retry))]` leaves out a policy";
        return Err(Error::new(kind.span(), message));
    }
    known(&kind, &name)?;
    let args = if input.peek(syn::token::Paren) {
        let args;
        parenthesized!(args in input);
        args.parse()?
    } else {
        TokenStream::new()
    };
    if !input.is_empty() && !input.peek(Token![,]) {
        let message = if input.peek(Token![=]) {
            format!("the options of `{name}` are in parentheses: `{name}(..)`")
        } else {
            "policies are separated by commas: write `,` before this".to_owned()
        };
        return Err(Error::new(input.span(), message));
    }
    let (span, origin) = (kind.span(), Origin { is_default: true, ..Origin::default() });
    Ok(Some(Entry { kind: name, span, place: span, args, origin }))
}

/// Whether there is a policy of this name.
pub(super) fn known(kind: &Ident, name: &str) -> syn::Result<()> {
    let all = policies().iter().map(|policy| policy.name).chain(["policies"]);
    if all.clone().any(|known| known == name) {
        return Ok(());
    }
    let owner = policies().iter().find(|policy| policy.option(name).is_some());
    let message = match owner {
        Some(policy) => format!(
            "`{name}` is an option and no policy: write the policy that it is for, such as `{}({name} ..)`",
            policy.name
        ),
        None => format!(
            "there is no policy `{name}`; {}",
            did_you_mean(name, "policies", all.collect::<Vec<_>>())
        ),
    };
    Err(Error::new(kind.span(), message))
}
