use super::{Inner, Placed, Scope, blaming, declaration, expression, listeners};
use crate::item::tokens::Place;
use proc_macro2::TokenStream;

/// The switch before what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let layer = placed.layer;
    let toggle = declaration::reference(placed, scope);
    let when = expression(layer, "when")
        .map_or(quote!(true), |when| blaming(Place::of(when), krate, "ask", quote!(#when)));
    let event = quote!(#krate::feature_toggle::FeatureToggleEvent<'_>);
    let hear = listeners::hear_later(layer, &event, scope);
    let flow = &inner.flow;
    let otherwise = expression(layer, "otherwise").map(|value| {
        let answer = blaming(Place::of(value), krate, "otherwise", quote!(slot, || #value));
        quote!(, |slot| #answer)
    });
    quote!(#krate::__rt::feature_toggle!(#call, #toggle, || #when, #hear, #flow #otherwise))
}
