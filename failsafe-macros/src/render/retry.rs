use super::{Inner, Placed, Scope, budget, conditions, declaration, listeners};
use proc_macro2::TokenStream;

/// The listeners of what happens after a wait.
const LATER: [&str; 2] = ["on_retry", "on_budget_exceeded"];
/// What is rendered elsewhere than with the hooks.
const ELSEWHERE: [&str; 3] = ["on_retry", "on_budget_exceeded", "budget"];

/// The loop around what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let mode = scope.mode();
    let retry = declaration::reference(placed, scope);
    let written = declaration::written(placed, scope);
    let event = quote!(#krate::retry::RetryEvent<'_, _>);
    let retried = listeners::hear_some_later(placed.layer, &LATER, &event, scope);
    let hooks = hooks(placed, scope, &event);
    let budget = budget::hold(placed.layer, scope);
    let flow = &inner.flow;
    quote! {
        #krate::__rt::retry!(
            #mode,
            #call,
            #retry,
            #written,
            |flow| #hooks,
            #retried,
            #budget,
            #flow
        )
    }
}

/// The user's part. What has none is the same for all functions of one return type.
fn hooks(placed: &Placed<'_>, scope: &Scope<'_>, event: &TokenStream) -> TokenStream {
    let krate = scope.krate;
    let words = quote!(#krate::__rt::last_words!(flow));
    let judge = conditions::judge(placed, scope);
    if let Some(judge) = judge.filter(|_| placed.layer.says_nothing_but(&ELSEWHERE)) {
        return quote!(#krate::__rt::plain_retry(#judge, #words));
    }
    let failed = conditions::failed(placed, scope);
    let aborts = conditions::aborts(placed.layer, scope);
    let delay = listeners::delay(placed.layer, scope);
    let hear = listeners::hear(placed.layer, &LATER, event, scope);
    quote!(#krate::__rt::retry_calls(flow, (#failed, #aborts), #delay, #words, #hear))
}
