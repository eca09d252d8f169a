use super::{Inner, Placed, Scope, declaration, listeners};
use proc_macro2::TokenStream;

/// The place around what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let bulkhead = declaration::reference(placed, scope);
    let event = quote!(#krate::bulkhead::BulkheadFullEvent<'_>);
    let hear = listeners::hear_later(placed.layer, &event, scope);
    let mode = scope.mode();
    let flow = &inner.flow;
    quote!(#krate::__rt::bulkhead!(#mode #call, #bulkhead, #hear, #flow))
}
