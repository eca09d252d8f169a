use super::listeners::is_free;
use super::{Inner, Placed, Scope, conditions, declaration, listeners, prioritizer};
use proc_macro2::TokenStream;

/// What is part of the limiter rather than of a call.
pub(super) const OF_INSTANCE: [&str; 2] = [CHANGED, "max_limit_with"];

const CHANGED: &str = "on_limit_changed";

/// The permit around what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let layer = placed.layer;
    let limiter = declaration::reference(placed, scope);
    let asks = prioritizer::asks(layer, scope);
    let failed = conditions::failed(placed, scope);
    let event = quote!(#krate::adaptive_limiter::LimitExceededEvent<'_>);
    let hear = listeners::hear_later(layer, "on_limit_exceeded", &event, scope);
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
    let krate = scope.krate;
    // An instance may be declared elsewhere, and then hears nothing of what is written here.
    let elsewhere = placed.layer.instance.is_some();
    let own = placed.layer.given(CHANGED).filter(|given| elsewhere || !is_free(given, scope));
    let own: Vec<_> = own.map(|given| listeners::one(CHANGED, given, scope)).collect();
    if own.is_empty() {
        return quote!(#krate::__rt::Unheard);
    }
    quote!(|event: &#krate::adaptive_limiter::LimitChangedEvent| { #(#own)* })
}
