use super::{Inner, Placed, Scope, conditions, declaration, expression, listeners};
use crate::item::Function;
use proc_macro2::TokenStream;
use syn::Expr;

/// The answer instead of a failure of what is inside.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let fallback = declaration::reference(placed, scope);
    let failed = conditions::failed(placed, scope);
    let event = quote!(#krate::fallback::FallbackEvent<'_, _>);
    let hear = listeners::hear(placed.layer, &[], &event, scope);
    let answer = answer(placed, scope);
    let flow = &inner.flow;
    quote! {
        #krate::__rt::fallback!(
            #call,
            #fallback,
            |flow| #krate::__rt::fallback_calls(flow, #failed, #hear),
            |failure| #answer,
            #flow
        )
    }
}

fn answer(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let layer = placed.layer;
    if let Some(value) = expression(layer, "value") {
        return quote!(#krate::__rt::instead(failure, || #value));
    }
    if let Some(error) = expression(layer, "error") {
        return quote!(#krate::__rt::instead(failure, || ::core::result::Result::Err(#error)));
    }
    let Some(with) = expression(layer, "with") else { return TokenStream::new() };
    if !scope.function.is_some_and(Function::is_async) {
        return quote!(#krate::__rt::answer_now(failure, #with));
    }
    match shape(with) {
        With::Now => quote!(#krate::__rt::answer_now(failure, #with)),
        With::AsyncClosure => quote!(#krate::__rt::answer_async(failure, #with).await),
        With::AsyncBlock => quote!(#krate::__rt::answer_later(failure, #with).await),
        With::Path => quote!(#krate::__rt::answer(failure, #with).await),
    }
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
