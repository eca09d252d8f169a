//! The prioritizer that a policy asks whom to refuse, and who makes the call.

use super::{Scope, blaming, declaration, expression};
use crate::item::tokens::Place;
use crate::read::Layer;
use proc_macro2::TokenStream;
use quote::quote_spanned;

/// Two arguments: the prioritizer, if there is one, and a function that says who makes the call.
pub(super) fn asks(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let prioritizer = expression(layer, "prioritizer").map_or_else(
        || quote!(::core::option::Option::None),
        |prioritizer| {
            let prioritizer = declaration::named(prioritizer, "Prioritizer", krate);
            quote!(::core::option::Option::Some(#prioritizer))
        },
    );
    let said = ["priority", "level", "user"]
        .into_iter()
        .filter_map(|option| expression(layer, option).map(|value| (option, value)));
    let caller = said.fold(quote!(#krate::Caller::new()), |caller, (option, value)| {
        let place = Place::of(value);
        // Who calls is only looked at: the body may use it up.
        let borrow = (option == "user").then(|| quote_spanned!(place.first=> &));
        blaming(place, krate, &format!("caller_{option}"), quote!(#caller, #borrow #value))
    });
    quote!(#prioritizer, || #caller)
}
