use super::{Inner, Placed, Scope, conditions, declaration, listeners};
use crate::read::Layer;
use proc_macro2::TokenStream;

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
    let layer = placed.layer;
    let state_listeners = state_listeners(layer);
    let is_elsewhere =
        |option: &str| state_listeners.contains(&option) || layer.spec.is_about_keys(option);
    let judge = conditions::judge(placed, scope);
    if let Some(judge) = judge.filter(|_| layer.code.iter().all(|(option, _)| is_elsewhere(option)))
    {
        return quote!(#krate::__rt::plain_breaker(#judge));
    }
    let failed = conditions::failed(placed, scope);
    let delay = listeners::delay(layer, scope);
    let event = quote!(#krate::circuit_breaker::CircuitBreakerEvent<'_, _>);
    let hear = listeners::hear(layer, &state_listeners, &event, scope);
    quote!(#krate::__rt::breaker_calls(flow, #failed, #delay, #hear))
}

/// The listeners of changes of state: what an instance can have of its own.
fn state_listeners(layer: &Layer) -> Vec<&'static str> {
    let options = layer.spec.options.iter().filter(|option| option.can_be_of_instance());
    options.map(|option| option.name).collect()
}

/// The state listeners that use something of the function: they hear of what its calls cause.
fn changes(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let of_state = state_listeners(layer);
    let own = layer
        .code
        .iter()
        .filter(|(option, _)| of_state.contains(option))
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
