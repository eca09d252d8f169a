use super::{
    Inner, Placed, Scope, blaming, budget, conditions, declaration, expression, listeners,
};
use crate::item::tokens::Place;
use crate::read::Layer;
use proc_macro2::TokenStream;

/// The race of what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> Inner {
    let Scope { krate, call, .. } = scope;
    let layer = placed.layer;
    let hedge = declaration::reference(placed, scope);
    let ends = conditions::ends(layer, scope);
    let delay = delay(layer, scope);
    let event = quote!(#krate::hedge::HedgeEvent<'_>);
    let hear = listeners::hear_later(layer, &event, scope);
    let budget = budget::hold(layer, scope);
    let flow = &inner.flow;
    let future = quote! {
        #krate::__rt::hedge!(#call, #hedge, #ends, #delay, #hear, #budget, #flow)
    };
    Inner { flow: quote!(#future.await), future }
}

/// The delay computed from the number of hedges, where `delay_with` says how.
fn delay(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let Some(compute) = expression(layer, "delay_with") else {
        return quote!(|_| ::core::option::Option::None);
    };
    let place = Place::of(compute);
    let delay = blaming(place, krate, "hedge_delay", quote!(hedges, #compute));
    quote!(|hedges| #delay)
}
