use super::{
    Inner, Placed, Scope, blaming, conditions, declaration, expression, listeners, output_place,
};
use crate::item::Function;
use crate::item::tokens::{Place, located_at};
use crate::read::{Content, Given, Layer, span_of};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::Expr;

/// The look before what is inside, and the value kept after it.
pub(super) fn render(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let layer = placed.layer;
    let (begun, keeping) = (begun(placed, scope), keeping(layer, scope));
    let hear = |option| hear(layer, option, scope);
    let (hit, miss, cached) = (hear("on_hit"), hear("on_miss"), hear("on_cached"));
    let keeps = keeps(layer, scope);
    let (mode, inside) = if scope.is_async() {
        (quote!(async), &inner.future)
    } else {
        (quote!(blocking), &inner.flow)
    };
    quote!(#krate::__rt::cache!(#mode #call, #begun, #keeping, #hit, #miss, #cached, #keeps, #inside))
}

/// The look: an answer, or the right to run. All that the key lends is given back here.
fn begun(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    let (krate, layer) = (scope.krate, placed.layer);
    let holds = holds(layer, scope);
    let cache = layer.instance.as_ref().map_or_else(
        || {
            let (place, first) = (placed.place.to_token_stream(), output_place(scope).first);
            let place = located_at(&place, first);
            quote_spanned!(first=> &#place)
        },
        |instance| self::instance(instance, scope),
    );
    let store = expression(layer, "store").map_or_else(
        || quote!(::core::option::Option::None),
        |store| blaming(Place::of(store), krate, "cache_store", quote!(#store)),
    );
    let key = expression(layer, "key").map(|key| self::key(key, scope));
    let place = layer.instance.as_ref().map_or_else(|| output_place(scope), Place::of);
    let begin = blaming(place, krate, "cache_begin", quote!(#cache, &holds, #key, || #store));
    quote! {{
        #[allow(unused_imports, reason = "the type of the key decides which one is used")]
        use #krate::cache::{
            KeyOfOption as _, KeyOfOptionalReference as _, KeyOfReference as _,
            KeyOfReferences as _, KeyOfValue as _,
        };
        let holds = #holds;
        #begin
    }}
}

/// How it is kept of the function's outcomes.
fn keeping(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let (output, holds) = (scope.function.map(Function::output), holds(layer, scope));
    let place = output_place(scope);
    let shape = quote_spanned!(place.first=> &#krate::__rt::CacheShape::<#output>::new());
    blaming(place, krate, "cache_keeping", quote!(#shape, &#holds))
}

/// What the cache keeps of the function's outcomes.
fn holds(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    if let Some(instance) = &layer.instance {
        let instance = self::instance(instance, scope);
        return quote!(#instance.holds());
    }
    let output = scope.function.map(Function::output);
    let how = if layer.code("cache_if").is_some() { quote!(chosen) } else { quote!(success) };
    quote!(#krate::__rt::cache_holds!(#how #output))
}

/// The cache that an expression names.
fn instance(instance: &Expr, scope: &Scope<'_>) -> TokenStream {
    let lent = declaration::lent(instance);
    blaming(Place::of(instance), scope.krate, "cache_instance", lent)
}

/// The key as it is looked for: each part of a tuple is lent by itself, so that none is moved.
fn key(key: &Expr, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    // At the place of the value, which is to blame if it cannot be a key.
    let probe = |value: &Expr, how: &str| {
        let span = Place::of(value).first.located_at(span_of(value));
        let how = Ident::new(how, span);
        let value = if binds_tightly(value) { quote!(&#value) } else { quote!(&(#value)) };
        quote_spanned!(span=> (&&&&&#krate::__rt::CacheKeyProbe(#value)).#how())
    };
    match key {
        Expr::Paren(paren) => self::key(&paren.expr, scope),
        Expr::Group(group) => self::key(&group.expr, scope),
        Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
            let parts = tuple.elems.iter().map(|part| probe(part, "part"));
            let span = Place::of(key).first.located_at(span_of(key));
            quote_spanned!(span=> ::core::option::Option::Some((#(#parts,)*)))
        }
        key => probe(key, "key"),
    }
}

/// Whether a `&` before an expression takes all of it.
fn binds_tightly(value: &Expr) -> bool {
    matches!(
        value,
        Expr::Path(_)
            | Expr::Field(_)
            | Expr::Index(_)
            | Expr::Call(_)
            | Expr::MethodCall(_)
            | Expr::Macro(_)
            | Expr::Lit(_)
            | Expr::Paren(_)
            | Expr::Tuple(_)
            | Expr::Array(_)
            | Expr::Reference(_)
            | Expr::Block(_)
    )
}

/// Which outcomes are kept.
fn keeps(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let tests = layer.given("cache_if").filter_map(|given| match &given.content {
        Content::Value(test) => Some(conditions::test(test, &Scope::local("outcome"), krate)),
        _ => None,
    });
    let tests: Vec<_> = tests.collect();
    if tests.is_empty() {
        return quote!(|outcome| !#krate::__rt::failed!(outcome));
    }
    quote!(|outcome| #(#tests)||*)
}

/// The listeners of one event.
fn hear(layer: &Layer, option: &'static str, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let given: Vec<&Given> = layer.given(option).collect();
    if given.is_empty() {
        return quote!(#krate::__rt::Unheard);
    }
    let holds = holds(layer, scope);
    let calls = given.into_iter().map(|given| listeners::one(option, given, scope));
    quote! {
        #krate::__rt::cache_hears(&#holds, |event: &#krate::cache::CacheEvent<'_, _>| {
            #(#calls)*
        })
    }
}
