//! `policy!(circuit_breaker(name = "svcB", failures = 5))`: an instance for a static, in the grammar
//! of the attribute.

use crate::defer::{self, Entry, Origin};
use crate::errors::Errors;
use crate::read::Layer;
use crate::render;
use failsafe_config::{OptionSpec, PolicySpec, Shape, did_you_mean, instances, policy};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::parenthesized;
use syn::parse::{ParseStream, Parser as _};

/// Expands to a constant expression.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let layer = errors.take(entry.parse2(input)).and_then(|(entry, krate)| {
        let spec = instances().find(|spec| spec.name == entry.kind)?;
        let layer = Layer::read(spec, &entry, &mut errors);
        uses(&layer, &mut errors);
        Some((layer, krate))
    });
    match layer {
        Some((layer, krate)) if errors.is_empty() => render::instance(&layer, &krate),
        _ => {
            let report = errors.report();
            // The value is never made: the errors are reported, and the type of the static stays.
            quote!({ #report ::core::panic!() })
        }
    }
}

/// `policy(options)`.
fn entry(input: ParseStream<'_>) -> syn::Result<(Entry, TokenStream)> {
    let kind = Ident::parse_any(input).map_err(|error| {
        syn::Error::new(error.span(), "write a policy: `policy!(circuit_breaker(failures = 5))`")
    })?;
    let args = if input.peek(syn::token::Paren) {
        let args;
        parenthesized!(args in input);
        args.parse()?
    } else {
        TokenStream::new()
    };
    if !input.is_empty() {
        return Err(input.error("one `policy!` makes one instance; write another for the next"));
    }
    let name = kind.to_string();
    let shared = instances().map(|spec| spec.name);
    if policy(&name).is_some_and(PolicySpec::answers) {
        let message = format!("a {name} is made for one function: write `#[{name}(..)]` on it");
        return Err(syn::Error::new(kind.span(), message));
    }
    if !shared.clone().any(|shared| shared == name) {
        let hint = did_you_mean(&name, "policies", shared.collect::<Vec<_>>());
        return Err(syn::Error::new(kind.span(), format!("there is no policy `{name}`; {hint}")));
    }
    let krate = defer::krate(&args).unwrap_or_else(|| quote!(::failsafe));
    let (span, origin) = (kind.span(), Origin::default());
    Ok((Entry { kind: name, span, place: span, args, origin }, krate))
}

/// Whether what an option takes is asked of each call.
const fn is_of_call(shape: Shape) -> bool {
    matches!(shape, Shape::Expression | Shape::CallValue | Shape::CallDefault)
}

/// Options that belong where the instance is used.
fn uses(layer: &Layer, errors: &mut Errors) {
    for (option, given) in &layer.code {
        let row = layer.spec.option(option);
        if row.is_some_and(OptionSpec::can_be_of_instance) {
            continue;
        }
        let policy = layer.spec.name;
        let message = if layer.spec.is_about_keys(option) {
            format!(
                "an instance is one for all keys: write `#[{policy}({option} = .., ..)]` with the \
                 options on the function instead"
            )
        } else if row.is_some_and(|row| is_of_call(row.shape)) {
            format!(
                "`{option}` is told where the instance is used: write `#[{policy}(THE_STATIC, \
                 {option} = ..)]`"
            )
        } else {
            format!(
                "`{option}` needs to know a function's types: write it where the instance is used, \
                 `#[{policy}(THE_STATIC, {option} ..)]`"
            )
        };
        errors.at(given.key, message);
    }
    if let Some(given) = &layer.map_err {
        errors.at(
            given.key,
            "`map_err` converts for one function: write it where the instance is used",
        );
    }
    if let Some(instance) = &layer.instance {
        errors.on(instance, "an instance cannot be made of another one; write its options");
    }
}
