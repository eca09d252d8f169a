//! The prioritizer that a policy asks whom to refuse, and who makes the call.

use super::{Scope, blaming, declaration, expression};
use crate::item::tokens::Place;
use crate::read::{Layer, literal};
use failsafe_config::{PRIORITIES, Value, read_priority};
use proc_macro2::TokenStream;
use quote::{format_ident, quote_spanned};
use syn::Expr;

/// Two arguments: the prioritizer, if there is one, and a function from what settings say of who makes
/// the calls to who makes this one.
pub(super) fn asks(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let prioritizer = expression(layer, "prioritizer").map_or_else(
        || quote!(::core::option::Option::None),
        |prioritizer| {
            let prioritizer = declaration::named(prioritizer, "Prioritizer", krate);
            quote!(::core::option::Option::Some(#prioritizer))
        },
    );
    let caller = caller(layer, scope);
    quote!(#prioritizer, |settings| #caller)
}

/// Who makes a call: what code says, what settings say, what literals say, from strong to weak.
fn caller(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let given = ["priority", "level", "user"]
        .into_iter()
        .filter_map(|option| expression(layer, option).map(|value| (option, value)));
    let (literals, code): (Vec<_>, Vec<_>) =
        given.partition(|(option, value)| *option != "user" && literal(value).is_some());
    let mut said = quote!(settings);
    if !literals.is_empty() {
        let written = literals.iter().map(|(option, value)| written(option, value, krate));
        said = quote!(#krate::__rt::caller_or(#said, #krate::Caller::new()#(#written)*));
    }
    if code.is_empty() {
        return said;
    }
    let own = code.into_iter().fold(quote!(#krate::Caller::new()), |caller, (option, value)| {
        let place = Place::of(value);
        // Who calls is only looked at: the body may use it up.
        let borrow = (option == "user").then(|| quote_spanned!(place.first=> &));
        blaming(place, krate, &format!("caller_{option}"), quote!(#caller, #borrow #value))
    });
    // A level of settings is that of another priority than code says, but not where it stands for one
    // that the attribute says beside the priority.
    if literals.iter().any(|(option, _)| *option == "level") {
        return quote!(#krate::__rt::caller_beside(#own, #said));
    }
    quote!(#krate::__rt::caller_or(#own, #said))
}

/// What a literal says, as the call of a method. It has been judged.
fn written(option: &str, value: &Expr, krate: &TokenStream) -> TokenStream {
    let literal = literal(value).unwrap_or(Value::Bool(false));
    if let ("level", Value::Int(level)) = (option, &literal) {
        let level = u16::try_from(*level).unwrap_or_default();
        return quote!(.level(#level));
    }
    let place = read_priority(&literal).unwrap_or_default();
    let words = PRIORITIES[place].split('_');
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let variant = format_ident!("{}", words.map(capital).collect::<String>());
    quote!(.priority(#krate::Priority::#variant))
}
