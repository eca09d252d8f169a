use super::{Inner, Placed, Scope, conditions, declaration, listeners, prioritizer};
use proc_macro2::TokenStream;

/// The permit around what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let layer = placed.layer;
    let throttler = declaration::reference(placed, scope);
    let failed = conditions::failed(placed, scope);
    let asks = prioritizer::asks(layer, scope);
    let refusal = quote!(#krate::adaptive_throttler::ThrottledEvent<'_>);
    let refused = listeners::hear_some_later(layer, &["on_throttled"], &refusal, scope);
    let event = quote!(#krate::adaptive_throttler::AdaptiveThrottlerEvent<'_, _>);
    let hear = listeners::hear(layer, &["on_throttled"], &event, scope);
    let flow = &inner.flow;
    quote! {
        #krate::__rt::adaptive_throttler!(
            #call,
            #throttler,
            (#asks),
            #refused,
            |flow| #krate::__rt::adaptive_throttler_calls(flow, #failed, #hear),
            #flow
        )
    }
}
