use super::{
    Inner, Placed, Scope, blaming, conditions, declaration, expression, listeners, output_place,
};
use crate::item::Function;
use crate::item::tokens::Place;
use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::Expr;

/// The answer instead of a failure of what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let fallback = declaration::reference(placed, scope);
    let failed = conditions::failed(placed, scope);
    let event = quote!(#krate::fallback::FallbackEvent<'_, _>);
    let hear = listeners::hear(placed.layer, &[], &event, scope);
    let answer = answer(placed, scope);
    let leaves = if placed.seals { quote!(#krate::__rt::can_leave!(flow)) } else { quote!(true) };
    let flow = &inner.flow;
    quote! {
        #krate::__rt::fallback!(
            #call,
            #fallback,
            |flow| #krate::__rt::fallback_calls(flow, #failed, #hear, #leaves),
            |failure| #answer,
            #flow
        )
    }
}

fn answer(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    let (layer, krate) = (placed.layer, scope.krate);
    if let Some(value) = expression(layer, "value") {
        return blaming(Place::of(value), krate, "instead", quote!(failure, || #value));
    }
    if let Some(error) = expression(layer, "error") {
        let place = output_place(scope);
        let failure = Ident::new("failure", place.first);
        let answer = blaming(place, krate, "error_instead", quote!(#failure, || #error));
        return quote!({ let #failure = failure; #answer });
    }
    let Some(with) = expression(layer, "with") else { return TokenStream::new() };
    let place = Place::of(with);
    let answer = |function| blaming(place, krate, function, quote!(failure, #with));
    if !scope.function.is_some_and(Function::is_async) {
        return answer("answer_now");
    }
    let answer = match shape(with) {
        With::Now => return answer("answer_now"),
        With::AsyncClosure => answer("answer_async"),
        With::AsyncBlock => answer("answer_later"),
        With::Path => blaming(place, krate, "answering", answer("answer")),
    };
    quote_spanned!(place.last=> #answer.await)
}

enum With {
    Now,
    AsyncClosure,
    AsyncBlock,
    Path,
}

/// How the answer is made, as far as it shows; a path may name either kind of function.
fn shape(with: &Expr) -> With {
    match with {
        Expr::Closure(closure) if closure.asyncness.is_some() => With::AsyncClosure,
        Expr::Closure(closure) if matches!(*closure.body, Expr::Async(_)) => With::AsyncBlock,
        Expr::Closure(_) => With::Now,
        Expr::Group(group) => shape(&group.expr),
        Expr::Paren(paren) => shape(&paren.expr),
        _ => With::Path,
    }
}
