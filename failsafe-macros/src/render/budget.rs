//! The budget of a policy that runs its body more than once.

use super::{Scope, declaration, expression};
use crate::read::Layer;
use proc_macro2::TokenStream;

/// What a call holds of its budget, as a function of the policy.
pub(super) fn hold(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    if let Some(budget) = expression(layer, "budget") {
        let budget = declaration::named(budget, "Budget", krate);
        return quote!(|_policy| #krate::__rt::Held::of(#budget));
    }
    // An instance made in code may have one.
    if layer.instance.is_some() {
        return quote!(|policy| policy.hold());
    }
    quote!(|_policy| #krate::__rt::Unlimited)
}
