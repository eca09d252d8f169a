use super::{Inner, Placed, Scope, budget, conditions, declaration, listeners};
use crate::read::Layer;
use failsafe_config::{Exhausted, RetryConfig};
use proc_macro2::TokenStream;

/// The listeners of what happens after a wait.
const LATER: [&str; 2] = ["on_retry", "on_budget_exceeded"];

/// Whether this is a retry that ends in a rejection of its own.
pub(super) fn rejects(layer: &Layer) -> bool {
    let config: Option<&RetryConfig> = layer.config.as_any().downcast_ref();
    // What an instance, a reference or a constant says is not known here.
    let unknown = layer.instance.is_some()
        || layer.is_reference()
        || layer.constants.iter().any(|(setter, _)| *setter == "exhausted");
    // A budget that is exceeded ends the call.
    let unknown = unknown || layer.code("budget").is_some();
    config.is_some_and(|config| config.get_exhausted() == Exhausted::Error || unknown)
}

/// The loop around what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let mode = scope.mode();
    let retry = declaration::reference(placed, scope);
    let config = declaration::config(placed, scope);
    let failed = conditions::failed(placed, scope);
    let aborts = conditions::aborts(placed.layer, scope);
    let delay = listeners::delay(placed.layer, scope);
    let event = quote!(#krate::retry::RetryEvent<'_, _>);
    let hear = listeners::hear(placed.layer, &LATER, &event, scope);
    let retried = listeners::hear_any_later(placed.layer, &LATER, &event, scope);
    let budget = budget::hold(placed.layer, scope);
    let flow = &inner.flow;
    quote! {
        #krate::__rt::retry!(
            #mode,
            #call,
            #retry,
            #config,
            |flow| #krate::__rt::retry_calls(
                flow,
                #failed,
                #aborts,
                #delay,
                |outcome| #krate::__rt::describe!(outcome),
                #hear
            ),
            #retried,
            #budget,
            #flow
        )
    }
}
