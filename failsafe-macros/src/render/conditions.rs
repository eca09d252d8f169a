//! What a failure is: a function of what travels, made of patterns, predicates and kinds.

use super::{Placed, Scope, blaming, output_place};
use crate::check;
use crate::item::tokens::Place;
use crate::read::{Content, Layer};
use proc_macro2::{Ident, TokenStream};
use syn::Expr;

/// Who tells a failure, for the type of `flow`, where the attribute says nothing of failures.
pub(super) fn judge(placed: &Placed<'_>, scope: &Scope<'_>) -> Option<TokenStream> {
    if placed.layer.has_conditions() {
        return None;
    }
    let krate = scope.krate;
    if may_never_fail(placed) {
        return Some(quote!(#krate::__rt::judge!(flow)));
    }
    let place = output_place(scope);
    let flow = Ident::new("flow", place.first);
    Some(blaming(place, krate, "as_outcome", quote!(#flow)))
}

/// Whether the return type must tell a failure.
pub(super) fn must_tell(placed: &Placed<'_>) -> bool {
    placed.layer.spec.option("handle_if").is_some() && !may_never_fail(placed)
}

/// Whether the policy makes sense on a function that never fails itself: what is inside can reject a
/// call, or the policy has state, and may refuse a call for what others did.
fn may_never_fail(placed: &Placed<'_>) -> bool {
    placed.over_rejections || placed.layer.spec.stateful
}

/// `|flow| is it a failure`.
pub(super) fn failed(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    let keys = ["handle", "handle_if", "handle_rejected"];
    if placed.layer.has_conditions() {
        return any_of(placed.layer, keys, scope);
    }
    let krate = scope.krate;
    let outcome = Scope::local("outcome");
    let judged = if may_never_fail(placed) {
        quote!(#krate::__rt::failed!(#outcome))
    } else {
        let place = output_place(scope);
        let outcome = Ident::new("outcome", place.first);
        blaming(place, krate, "is_failure", quote!(#outcome))
    };
    by_flow(&quote!(#judged), &quote!(true), &outcome)
}

/// `|flow| is it one of those that end the retries at once`.
pub(super) fn aborts(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    any_of(layer, ["abort", "abort_if", "abort_rejected"], scope)
}

/// `|flow| is it one of those that end a race`: any success, unless conditions say otherwise.
pub(super) fn ends(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let keys = ["cancel", "cancel_if", "cancel_rejected"];
    if keys.iter().any(|key| layer.code(key).is_some()) {
        return any_of(layer, keys, scope);
    }
    let krate = scope.krate;
    let outcome = Scope::local("outcome");
    by_flow(&quote!(!#krate::__rt::failed!(#outcome)), &quote!(false), &outcome)
}

fn any_of(layer: &Layer, [patterns, tests, kinds]: [&str; 3], scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let outcome = Scope::local("outcome");
    let patterns = layer.given(patterns).map(|given| {
        let pattern = given.tokens();
        quote!(::core::matches!(#outcome, #pattern))
    });
    let tests = layer.given(tests).filter_map(|given| match &given.content {
        Content::Value(test) => Some(self::test(test, &outcome, krate)),
        _ => None,
    });
    let values: Vec<_> = patterns.chain(tests).collect();
    let kinds: Vec<_> = layer
        .given(kinds)
        .flat_map(|given| check::kinds_in(&given.tokens()))
        .map(|kind| quote!(#krate::Kind::#kind))
        .collect();
    let of_value = if values.is_empty() { quote!(false) } else { quote!(#(#values)||*) };
    let of_rejection = if kinds.is_empty() {
        quote!(false)
    } else {
        quote!(::core::matches!(rejected.kind(), #(#kinds)|*))
    };
    let outcome = if values.is_empty() { Scope::local("_outcome") } else { outcome };
    by_flow(&of_value, &of_rejection, &outcome)
}

/// Whether an outcome meets a predicate.
pub(super) fn test(test: &Expr, outcome: &Ident, krate: &TokenStream) -> TokenStream {
    blaming(Place::of(test), krate, "test", quote!(#outcome, #test))
}

fn by_flow(of_value: &TokenStream, of_rejection: &TokenStream, outcome: &Ident) -> TokenStream {
    quote! {
        |flow| match flow {
            ::core::result::Result::Ok(#outcome) => #of_value,
            #[allow(unused_variables, reason = "some conditions do not look at it")]
            ::core::result::Result::Err(rejected) => #of_rejection,
        }
    }
}
