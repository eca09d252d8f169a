//! The statics: a policy declared at its site, linked into the list of declarations, and compared
//! with others of its name by the compiler.

use super::{Placed, Scope, circuit_breaker, expression};
use crate::read::{Layer, Name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use std::collections::HashSet;
use std::str::FromStr;

/// The static of a policy, unless it names an instance.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    let Placed { layer, place, .. } = placed;
    if layer.instance.is_some() {
        return TokenStream::new();
    }
    let krate = scope.krate;
    let declared = declared(layer, scope);
    let conflict = conflict(layer, krate);
    let (ty, arguments) = if layer.code("key").is_some() {
        let number = |option: &str, default: TokenStream| {
            expression(layer, option).map_or(default, |value| quote!(#value))
        };
        let max_keys = number("max_keys", quote!(1000));
        let idle = number("key_idle", quote!(::core::time::Duration::from_secs(600)));
        (quote!(#krate::__rt::KeyedCircuitBreaker), quote!(, #max_keys, #idle))
    } else if layer.spec.name == "fallback" {
        (quote!(#krate::__rt::DeclaredFallback), quote!())
    } else {
        let ty = format_ident!("{}", layer.spec.type_name);
        (quote!(#krate::#ty), quote!())
    };
    quote! {
        static #place: #ty = <#ty>::declared(#declared #arguments);
        #conflict
    }
}

/// A `policy!`: the same as an expression.
pub(super) fn instance(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let ty = format_ident!("{}", layer.spec.type_name);
    let declared = declared(layer, scope);
    let conflict = conflict(layer, krate);
    quote!({
        #conflict
        <#krate::#ty>::declared(#declared)
    })
}

/// The instance in use.
pub(super) fn reference(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    if let Some(instance) = &placed.layer.instance {
        let ty = format_ident!("{}", placed.layer.spec.type_name);
        let span = crate::read::span_of(instance);
        let ty = quote_spanned!(span.resolved_at(Span::mixed_site())=> #krate::#ty);
        return quote_spanned!(span.resolved_at(Span::mixed_site())=>
            #krate::__rt::AsPolicy::<#ty>::as_policy(&#instance)
        );
    }
    let place = &placed.place;
    expression(placed.layer, "key").map_or_else(|| quote!(&#place), |key| quote!(#place.of(&#key)))
}

/// The configuration in use, as a function of the policy.
pub(super) fn config(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    let layer = placed.layer;
    if layer.instance.is_none() && is_generic(layer, scope) {
        let recipe = recipe(layer, scope);
        return quote!(|_policy| const { &#recipe });
    }
    quote!(|policy| policy.config())
}

fn declared(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let (policy, options) = (layer.spec.name, &layer.text);
    let name = match &layer.name {
        None => quote!(::core::option::Option::None),
        Some(Name::Literal(name, _)) => quote!(::core::option::Option::Some(#name)),
        Some(Name::Constant(name)) => quote!(::core::option::Option::Some(#name)),
    };
    let config = if layer.is_reference() {
        quote!(Reference)
    } else if is_generic(layer, scope) {
        quote!(Generic)
    } else {
        let variant = format_ident!("{}", layer.spec.type_name);
        let recipe = recipe(layer, scope);
        quote!(#variant(#recipe))
    };
    let listeners = circuit_breaker::shared_listeners(layer, scope);
    let listeners = (!listeners.is_empty()).then(|| {
        let calls = listeners.iter().map(|(option, listener)| {
            let option = Ident::new(option, Span::mixed_site());
            quote!(.#option(|event| { #krate::__rt::hear(event, #listener); }))
        });
        quote!(, const { #krate::circuit_breaker::Listeners::new()#(#calls)* })
    });
    // The line it reports is that of the attribute.
    let declare = quote_spanned!(layer.span=> #krate::__rt::declare!);
    quote!(#declare(#policy, #name, #options, #krate::__rt::AnyConfig::#config #listeners))
}

/// The configuration as a constant expression.
fn recipe(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let ty = format_ident!("{}Config", layer.spec.type_name);
    let text = layer.config.recipe().iter().fold(String::new(), |text, call| text + "." + call);
    let text = text.replace("::failsafe::", "__failsafe::");
    let calls = TokenStream::from_str(&text).unwrap_or_default();
    let calls = with_crate(calls, krate);
    let constants = layer.constants.iter().map(|(setter, value)| {
        let span = crate::read::span_of(value).resolved_at(Span::mixed_site());
        let setter = Ident::new(setter, span);
        quote_spanned!(span=> .#setter(#value))
    });
    quote!(#krate::config::#ty::new()#calls #(#constants)*)
}

/// Puts the path of the crate where a recipe says `__failsafe`.
fn with_crate(tokens: TokenStream, krate: &TokenStream) -> TokenStream {
    use proc_macro2::{Group, TokenTree};
    let each = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(word) if word == "__failsafe" => krate.clone(),
        TokenTree::Group(group) => {
            let inner = with_crate(group.stream(), krate);
            TokenTree::from(Group::new(group.delimiter(), inner)).into()
        }
        other => other.into(),
    });
    each.collect()
}

/// Whether an option names a generic parameter or `Self`, which a static cannot; the configuration
/// is then a constant where it is used.
fn is_generic(layer: &Layer, scope: &Scope<'_>) -> bool {
    if layer.spec.stateful {
        return false;
    }
    let generics = scope.function.map(crate::item::Function::generics).unwrap_or_default();
    let mut words = HashSet::new();
    for (_, value) in &layer.constants {
        crate::item::tokens::words(quote!(#value), &mut words);
    }
    !words.is_disjoint(&generics)
}

/// Two declarations of one name that differ are an error of the compiler, which marks both: each
/// declares a foreign function of the name that is never used, whose parameters are the options, and
/// rustc denies that two such declarations clash.
fn conflict(layer: &Layer, krate: &TokenStream) -> TokenStream {
    let Some(Name::Literal(name, span)) = &layer.name else { return TokenStream::new() };
    if !layer.constants.is_empty() || layer.is_reference() || layer.config.fingerprint().is_empty()
    {
        return TokenStream::new();
    }
    // The span of the name makes the lint take the code for the user's own, which it is about; the
    // rest of it keeps `unsafe_code` quiet, which it is not.
    let span = *span;
    let link_name = format!("failsafe: {} \"{name}\"", layer.spec.name);
    let function = format_ident!("{}_options", layer.spec.name, span = span);
    let parameters = layer.config.fingerprint().into_iter().map(|(option, first, second)| {
        let option = format_ident!("{option}");
        let clamp = |number: u64| usize::try_from(number.min(u32::MAX.into())).unwrap_or(0);
        let (first, second) = (clamp(first), clamp(second));
        quote_spanned!(span=> _: *const #krate::__rt::options::#option<#first, #second>)
    });
    let inner = quote_spanned!(span=> fn #function(#(#parameters),*););
    quote! {
        const _: () = {
            #[deny(clashing_extern_declarations)]
            #[allow(dead_code, reason = "it is only compared")]
            unsafe extern "C" {
                #[link_name = #link_name]
                #inner
            }
        };
    }
}
