//! Whom a policy tells of what happens in calls of the function.

use super::{Scope, expression};
use crate::read::{Given, Layer};
use failsafe_config::Shape;
use proc_macro2::TokenStream;

/// The listeners of a policy as one function of its event; nothing if there are none.
///
/// `skip` are listeners that are rendered elsewhere.
pub(super) fn hear(
    layer: &Layer,
    skip: &[&str],
    event: &TokenStream,
    scope: &Scope<'_>,
) -> TokenStream {
    let listeners: Vec<_> = layer
        .code
        .iter()
        .filter(|(option, _)| !skip.contains(option))
        .filter(|(option, _)| {
            layer.spec.option(option).is_some_and(|option| option.shape == Shape::Listener)
        })
        .map(|(option, given)| one(option, given, scope))
        .collect();
    if listeners.is_empty() {
        return quote!(::core::option::Option::None::<fn(&#event)>);
    }
    quote!(::core::option::Option::Some(|event: &#event| { #(#listeners)* }))
}

/// Tells one listener of `event`, if it is the one it listens for.
pub(super) fn one(option: &str, given: &Given, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let (name, listener) = (option.trim_start_matches("on_"), given.tokens());
    quote! {
        if event.is(#name) {
            #krate::__rt::hear(event, #listener);
        }
    }
}

/// A delay computed from the outcome, where `delay_with` says how.
pub(super) fn delay(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let Some(compute) = expression(layer, "delay_with") else {
        return quote!(|_| ::core::option::Option::None);
    };
    quote!(|flow| #krate::__rt::delay(flow, #compute))
}
