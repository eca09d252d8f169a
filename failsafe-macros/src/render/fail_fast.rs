use super::{Inner, Placed, Scope, blaming, conditions, declaration, expression, listeners};
use crate::item::tokens::Place;
use crate::read::Layer;
use proc_macro2::TokenStream;

/// The state around what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let layer = placed.layer;
    let mode = scope.mode();
    let fail_fast = declaration::reference(placed, scope);
    let when = expression(layer, "when")
        .map_or(quote!(false), |when| blaming(Place::of(when), krate, "ask", quote!(#when)));
    let probe = probe(layer, scope);
    let event = quote!(#krate::fail_fast::FailFastEvent<'_>);
    let hear = listeners::hear_later(layer, &event, scope);
    let failed = conditions::failed(placed, scope);
    let flow = &inner.flow;
    quote! {
        #krate::__rt::fail_fast!(
            #mode #call,
            #fail_fast,
            || #when,
            #probe,
            #hear,
            |flow| #krate::__rt::fail_fast_calls(
                flow,
                #failed,
                |outcome| #krate::__rt::describe!(outcome)
            ),
            #flow
        )
    }
}

/// The probe that uses something of the function: its calls run it, and nobody else can.
fn probe(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let own =
        layer.code("probe").filter(|given| !listeners::is_shared(layer, "probe", given, scope));
    let Some(probe) = own.and_then(|_| expression(layer, "probe")) else { return quote!(none) };
    let probing = scope.now_or_later("probing");
    let asked = blaming(Place::of(probe), scope.krate, &probing, quote!(#probe));
    quote!({ #asked })
}
