use super::{Inner, Placed, Scope, conditions, declaration, listeners, prioritizer};
use crate::read::Given;
use proc_macro2::TokenStream;

const CHANGED: &str = "on_limit_changed";

/// The permit around what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let layer = placed.layer;
    let limiter = declaration::reference(placed, scope);
    let asks = prioritizer::asks(layer, scope);
    let failed = conditions::failed(placed, scope);
    let event = quote!(#krate::adaptive_limiter::LimitExceededEvent<'_>);
    let hear = listeners::hear_some_later(layer, &["on_limit_exceeded"], &event, scope);
    let changes = changes(placed, scope);
    let mode = scope.mode();
    let flow = &inner.flow;
    quote! {
        #krate::__rt::adaptive_limiter!(
            #mode #call,
            #limiter,
            (#asks),
            #failed,
            (#hear, #changes),
            #flow
        )
    }
}

/// The listeners that use something of the function: they hear of what its calls change.
fn changes(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    let (krate, layer) = (scope.krate, placed.layer);
    let is_own = |given: &&Given| !listeners::is_shared(layer, CHANGED, given, scope);
    let own = layer.given(CHANGED).filter(is_own);
    let own: Vec<_> = own.map(|given| listeners::one(CHANGED, given, scope)).collect();
    if own.is_empty() {
        return quote!(#krate::__rt::Unheard);
    }
    quote!(|event: &#krate::adaptive_limiter::LimitChangedEvent| { #(#own)* })
}
