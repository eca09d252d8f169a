use super::{Inner, Placed, Scope, blaming, conditions, declaration, expression, listeners};
use crate::item::Function;
use crate::item::tokens::Place;
use crate::read::Layer;
use proc_macro2::TokenStream;
use syn::Expr;

/// What belongs to the instance if it uses nothing of the function: the listeners of changes of
/// state, and the probe.
pub(super) const SHARED: [&str; 3] = ["on_failed", "on_recovered", "probe"];

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
    let hear = listeners::hear_own_later(layer, &event, scope);
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
    let asked = blaming(Place::of(probe), scope.krate, form(scope, "probing"), quote!(#probe));
    quote!({ #asked })
}

/// The probe that uses nothing of the function, as the instance begins it.
pub(super) fn shared_probe(probe: &Expr, scope: &Scope<'_>) -> TokenStream {
    let arguments = quote!(may_wait, #probe);
    blaming(Place::of(probe), scope.krate, form(scope, "shared_probe"), arguments)
}

/// Which form of a function of ours a probe needs: in a blocking function it cannot wait.
fn form(scope: &Scope<'_>, name: &'static str) -> &'static str {
    let blocking = scope.function.is_some_and(|function| !Function::is_async(function));
    match (name, blocking) {
        ("probing", true) => "probing_now",
        ("shared_probe", true) => "shared_probe_now",
        (name, _) => name,
    }
}
