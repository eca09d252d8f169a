use super::{Inner, Placed, Scope, conditions, declaration, listeners};
use crate::read::Layer;
use proc_macro2::TokenStream;

/// The listeners of changes of state.
pub(super) const STATE_LISTENERS: [&str; 4] =
    ["on_state_changed", "on_open", "on_half_open", "on_close"];

/// The permit around what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let layer = placed.layer;
    let breaker = declaration::reference(placed, scope);
    let hooks = hooks(placed, scope);
    let changes = changes(layer, scope);
    let flow = &inner.flow;
    quote! {
        #krate::__rt::circuit_breaker!(
            #call,
            #breaker,
            #changes,
            |flow| #hooks,
            #flow
        )
    }
}

/// The user's part. What has none is the same for all functions of one return type.
fn hooks(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let keyed = ["key", "max_keys", "key_idle"];
    let elsewhere: Vec<_> = STATE_LISTENERS.into_iter().chain(keyed).collect();
    let judge = conditions::judge(placed, scope);
    if let Some(judge) = judge.filter(|_| placed.layer.says_nothing_but(&elsewhere)) {
        return quote!(#krate::__rt::plain_breaker(#judge));
    }
    let failed = conditions::failed(placed, scope);
    let delay = listeners::delay(placed.layer, scope);
    let event = quote!(#krate::circuit_breaker::CircuitBreakerEvent<'_, _>);
    let hear = listeners::hear(placed.layer, &STATE_LISTENERS, &event, scope);
    quote!(#krate::__rt::breaker_calls(flow, #failed, #delay, #hear))
}

/// The state listeners that use something of the function: they hear of what its calls cause.
fn changes(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let own = layer
        .code
        .iter()
        .filter(|(option, _)| STATE_LISTENERS.contains(option))
        .filter(|(option, given)| !listeners::is_shared(layer, option, given, scope));
    let mut own: Vec<_> = own.collect();
    // The listener of the new state hears of it first, wherever it was written.
    own.sort_by_key(|(option, _)| *option == "on_state_changed");
    let own: Vec<_> =
        own.into_iter().map(|(option, given)| listeners::one(option, given, scope)).collect();
    if own.is_empty() {
        return quote!(#krate::__rt::Unheard);
    }
    quote!(|event: &#krate::circuit_breaker::StateChanged| { #(#own)* })
}
