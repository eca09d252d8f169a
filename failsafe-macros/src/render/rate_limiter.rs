use super::{Inner, Placed, Scope, declaration, expression, listeners};
use proc_macro2::TokenStream;

/// The wait for permits before what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let layer = placed.layer;
    let limiter = declaration::reference(placed, scope);
    let permits = expression(layer, "permits").map_or_else(|| quote!(1), |value| quote!(#value));
    let event = quote!(#krate::rate_limiter::RateLimitedEvent<'_>);
    let hear = listeners::hear_later(layer, &event, scope);
    let mode = scope.mode();
    let flow = &inner.flow;
    quote!(#krate::__rt::rate_limiter!(#mode #call, #limiter, #permits, #hear, #flow))
}
