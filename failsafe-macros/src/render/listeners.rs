//! Whom a policy tells of what happens in calls of the function.

use super::{Scope, blaming, expression};
use crate::item::tokens::{self, Place};
use crate::read::{Given, Layer};
use failsafe_config::{OptionSpec, Owner, Shape};
use proc_macro2::TokenStream;
use quote::format_ident;
use std::collections::HashSet;

/// The listeners of a policy as one function of its event; nothing if there are none.
///
/// `skip` are listeners that are rendered elsewhere.
pub(super) fn hear(
    layer: &Layer,
    skip: &[&str],
    event: &TokenStream,
    scope: &Scope<'_>,
) -> TokenStream {
    let listeners = all(layer, scope, |option, _| !skip.contains(&option));
    if listeners.is_empty() {
        return quote!(::core::option::Option::None::<fn(&#event)>);
    }
    let krate = scope.krate;
    // A function of its own, as the compiler does not look for the type of a closure in an `Option`.
    let hears = format_ident!("{}_hears", layer.spec.name);
    quote! {
        ::core::option::Option::Some(#krate::__rt::#hears(flow, |event: &#event| {
            #(#listeners)*
        }))
    }
}

/// The listeners of a function that are looked for across an await, where one that hears nothing
/// must take no room.
pub(super) fn hear_later(layer: &Layer, event: &TokenStream, scope: &Scope<'_>) -> TokenStream {
    let own = |option: &str, given: &Given| !is_shared(layer, option, given, scope);
    later(&all(layer, scope, own), event, scope)
}

/// The same, of some of them.
pub(super) fn hear_some_later(
    layer: &Layer,
    only: &[&str],
    event: &TokenStream,
    scope: &Scope<'_>,
) -> TokenStream {
    later(&all(layer, scope, |option, _| only.contains(&option)), event, scope)
}

fn later(listeners: &[TokenStream], event: &TokenStream, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    if listeners.is_empty() {
        return quote!(#krate::__rt::Unheard);
    }
    quote!(|event: &#event| { #(#listeners)* })
}

fn all(
    layer: &Layer,
    scope: &Scope<'_>,
    wanted: impl Fn(&str, &Given) -> bool,
) -> Vec<TokenStream> {
    let listens = |option: &str| {
        layer.spec.option(option).is_some_and(|option| option.shape == Shape::Listener)
    };
    let listeners = layer.code.iter().filter(|(option, _)| listens(option));
    let wanted = listeners.filter(|(option, given)| wanted(option, given));
    wanted.map(|(option, given)| one(option, given, scope)).collect()
}

/// The code that belongs to the instance, whoever uses that, by its option.
pub(super) fn shared<'a>(
    layer: &'a Layer,
    scope: &Scope<'_>,
) -> Vec<(&'static OptionSpec, Vec<&'a Given>)> {
    let code = layer.spec.options.iter().map(|option| {
        let given = layer.given(option.name);
        (option, given.filter(|given| is_shared(layer, option.name, given, scope)).collect())
    });
    code.filter(|(_, given): &(_, Vec<_>)| !given.is_empty()).collect()
}

/// Whether code belongs to the instance: it may, is written where that is declared, and uses nothing
/// of the function it stands on.
pub(super) fn is_shared(layer: &Layer, option: &str, given: &Given, scope: &Scope<'_>) -> bool {
    let may = match layer.spec.option(option).map(|row| row.owner) {
        Some(Owner::InstanceIfFree) => is_free(given, scope),
        Some(Owner::Instance { .. }) => true,
        Some(Owner::Function) | None => false,
    };
    may && layer.instance.is_none()
}

/// Whether code uses nothing of the function it stands on.
fn is_free(given: &Given, scope: &Scope<'_>) -> bool {
    let mut words = HashSet::new();
    tokens::words(given.tokens(), &mut words);
    words.is_disjoint(&scope.names_of_function())
}

/// Tells one listener of `event`, if it is the one it listens for.
pub(super) fn one(option: &str, given: &Given, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let (name, listener) = (option.trim_start_matches("on_"), given.tokens());
    let hear = blaming(Place::of(&listener), krate, "hear", quote!(event, #listener));
    quote! {
        if event.is(#name) {
            #hear;
        }
    }
}

/// A delay computed from the outcome, where `delay_with` says how.
pub(super) fn delay(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let Some(compute) = expression(layer, "delay_with") else {
        return quote!(|_| ::core::option::Option::None);
    };
    let delay = blaming(Place::of(compute), krate, "delay", quote!(flow, #compute));
    quote!(|flow| #delay)
}
