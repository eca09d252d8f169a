//! The statics: a policy declared at its site, linked into the list of declarations, and compared
//! with others of its name by the compiler.

use super::{Placed, Scope, blaming, expression, listeners};
use crate::item::tokens::{Place, located_at};
use crate::read::{Layer, Name, span_of};
use failsafe_config::Shape;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote_spanned};
use std::collections::HashSet;
use std::str::FromStr;
use syn::{Expr, UnOp};

/// The statics of the policies, but of those that name an instance: what each is made of, and their
/// declarations.
pub(super) fn render(placed: &[Placed<'_>], scope: &Scope<'_>) -> TokenStream {
    let statics = of_declared(placed).enumerate().map(|(index, one)| policy(one, index, scope));
    let (declarations, statics) = (declarations(placed, scope, false), statics);
    quote!(#declarations #(#statics)*)
}

/// The declarations of policies that need no statics, linked into the list of all.
pub(super) fn alone(placed: &[Placed<'_>], scope: &Scope<'_>) -> TokenStream {
    declarations(placed, scope, true)
}

/// Whether the text of the options says all that the declaration needs to know.
fn is_plain(layer: &Layer) -> bool {
    let read = failsafe_config::config_of_text(layer.spec, &layer.text);
    layer.code.is_empty() && read.is_some_and(|read| read.recipe() == layer.config.recipe())
}

/// The declarations of the policies, but of those that name an instance, linked into the list of all. Where they
/// are alone, what is plain is read from its text.
fn declarations(placed: &[Placed<'_>], scope: &Scope<'_>, are_alone: bool) -> TokenStream {
    let krate = scope.krate;
    let declared: Vec<_> = of_declared(placed).collect();
    let count = declared.len();
    if count == 0 {
        return TokenStream::new();
    }
    let (configs, declarations): (Vec<_>, Vec<_>) =
        declared.iter().map(|placed| declaration(placed, scope, are_alone)).unzip();
    let conflicts = declared.iter().map(|placed| conflict(placed.layer, krate));
    quote! {
        #(#configs)*
        static __DECLARATIONS: [#krate::__rt::Declaration; #count] = [#(#declarations),*];
        #(#conflicts)*
        #krate::__rt::inventory::submit! { #krate::__rt::Entry(&__DECLARATIONS) }
    }
}

/// The policies that are declared here.
fn of_declared<'p, 'a>(placed: &'p [Placed<'a>]) -> impl Iterator<Item = &'p Placed<'a>> {
    placed.iter().filter(|one| one.layer.instance.is_none())
}

/// The static of one policy.
fn policy(placed: &Placed<'_>, index: usize, scope: &Scope<'_>) -> TokenStream {
    let (Placed { layer, place, .. }, krate) = (placed, scope.krate);
    let ty = if layer.has_instance_for_each_key() {
        let ty = format_ident!("Keyed{}", layer.spec.type_name);
        quote!(#krate::__rt::#ty)
    } else if layer.spec.generic {
        let ty = format_ident!("Declared{}", layer.spec.type_name);
        quote!(#krate::__rt::#ty)
    } else {
        let ty = format_ident!("{}", layer.spec.type_name);
        quote!(#krate::#ty)
    };
    let config = config_of(place);
    quote! {
        static #place: #ty = <#ty>::declared((&__DECLARATIONS[#index], #config));
    }
}

/// The constant with the configuration of a policy.
fn config_of(place: &Ident) -> Ident {
    format_ident!("{place}_CONFIG")
}

/// A `policy!`: the same as an expression.
pub(super) fn instance(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let ty = format_ident!("{}", layer.spec.type_name);
    let declared = declared(layer, scope);
    let conflict = conflict(layer, krate);
    quote!({
        #conflict
        #krate::#ty::declared(#declared)
    })
}

/// The instance in use.
pub(super) fn reference(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    if let Some(instance) = &placed.layer.instance {
        return named(instance, placed.layer.spec.type_name, scope.krate);
    }
    let place = &placed.place;
    let Some(key) = expression(placed.layer, "key") else { return quote!(&#place) };
    let span = Span::mixed_site().located_at(span_of(key));
    let place = located_at(&place.to_token_stream(), span);
    quote_spanned!(span=> #place.of(&(#key)))
}

/// The instance of a type that an expression names.
pub(super) fn named(instance: &Expr, type_name: &str, krate: &TokenStream) -> TokenStream {
    let place = Place::of(instance);
    let ty = place.path(krate, type_name);
    let path = place.path(&quote!(#krate::__rt), "instance");
    let arguments = place.arguments(lent(instance));
    quote_spanned!(place.last=> #path::<#ty, _> #arguments)
}

/// A reference to an instance.
pub(super) fn lent(instance: &Expr) -> TokenStream {
    let borrow = is_place(instance).then(|| quote_spanned!(Place::of(instance).first=> &));
    quote!(#borrow #instance)
}

/// Whether an expression says where an instance is; any other, such as a call, gives a reference.
fn is_place(instance: &Expr) -> bool {
    match instance {
        Expr::Path(_) | Expr::Field(_) | Expr::Index(_) => true,
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)),
        Expr::Group(group) => is_place(&group.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        _ => false,
    }
}

/// The configuration that is written, where the function knows it better than the declaration.
pub(super) fn written(placed: &Placed<'_>, scope: &Scope<'_>) -> TokenStream {
    let layer = placed.layer;
    if layer.instance.is_none() && is_generic(layer, scope) {
        let recipe = recipe(layer, scope);
        return quote!(::core::option::Option::Some(const { &#recipe }));
    }
    quote!(::core::option::Option::None)
}

/// What a declaration is made of.
struct Parts {
    /// The name it was given, if one was.
    name: TokenStream,
    /// `known`, `Reference` or `Generic`.
    how: Ident,
    /// The type of the configuration.
    ty: TokenStream,
    /// The code that belongs to the instance.
    listeners: Option<TokenStream>,
}

fn parts(layer: &Layer, scope: &Scope<'_>) -> Parts {
    let krate = scope.krate;
    let name = match &layer.name {
        None => quote!(::core::option::Option::None),
        Some(Name::Literal(name, _)) => quote!(::core::option::Option::Some(#name)),
        Some(Name::Constant(name)) => {
            let span = Span::mixed_site().located_at(span_of(name));
            let name = quote_spanned!(span=> { const __NAME: &str = #name; __NAME });
            quote!(::core::option::Option::Some(#name))
        }
    };
    let ty = format_ident!("{}Config", layer.spec.type_name);
    let ty = quote!(#krate::config::#ty);
    let how = if layer.is_reference() {
        "Reference"
    } else if is_generic(layer, scope) {
        "Generic"
    } else {
        "known"
    };
    let how = Ident::new(how, Span::mixed_site());
    Parts { name, how, ty, listeners: shared_listeners(layer, scope) }
}

/// The configuration, where it is known; else a blank one.
fn config(parts: &Parts, layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let ty = &parts.ty;
    if parts.how == "known" { recipe(layer, scope) } else { quote!(<#ty>::new()) }
}

fn shared_listeners(layer: &Layer, scope: &Scope<'_>) -> Option<TokenStream> {
    let krate = scope.krate;
    let shared = listeners::shared(layer, scope);
    let calls = shared.iter().map(|(row, given)| {
        let option = Ident::new(row.name, Span::mixed_site());
        if row.shape != Shape::Listener {
            // What is asked is asked by a function of ours that is named after the option.
            let ask = format!("shared_{}", row.name);
            let ask = if row.may_wait { scope.now_or_later(&ask) } else { ask };
            let asked = given.iter().map(|given| {
                let function = given.tokens();
                blaming(Place::of(&function), krate, &ask, quote!(argument, #function))
            });
            return quote!(#(.#option(|argument| #asked))*);
        }
        let hear = given.iter().map(|given| {
            let listener = given.tokens();
            blaming(Place::of(&listener), krate, "hear", quote!(event, #listener))
        });
        quote!(.#option(|event| { #(#hear;)* }))
    });
    let policy = format_ident!("{}", layer.spec.name);
    (!shared.is_empty()).then(|| quote!(const { #krate::#policy::Listeners::new()#(#calls)* }))
}

/// The configuration of a policy on a function, as a constant, and its declaration.
fn declaration(
    placed: &Placed<'_>,
    scope: &Scope<'_>,
    are_alone: bool,
) -> (TokenStream, TokenStream) {
    let (layer, krate) = (placed.layer, scope.krate);
    let (options, twin) = (&layer.text, placed.twin);
    let parts = parts(layer, scope);
    let Parts { name, how, ty, listeners } = &parts;
    let constant = config_of(&placed.place);
    let is_read = are_alone && *how == "known" && is_plain(layer);
    let any = if is_read {
        quote!(#krate::__rt::AnyConfig::Written)
    } else if *how == "known" {
        quote!(#krate::__rt::AnyConfig::Known(&#constant))
    } else {
        quote!(#krate::__rt::AnyConfig::#how)
    };
    // The line it reports is that of the attribute.
    let site = quote_spanned!(layer.site=> (::core::file!(), ::core::line!()));
    let twin = (twin > 0).then(|| quote!(.with_twin(#twin)));
    let extra = listeners.as_ref().map(|listeners| quote!(.with_extra(&#listeners)));
    let key = layer.has_instance_for_each_key().then(|| quote!(.with_key()));
    let seal = placed.seals.then(|| {
        let is_sure = scope.function.is_some_and(crate::item::Function::holds_no_rejection);
        quote!(.with_seal(#is_sure))
    });
    let declaration = quote! {
        #krate::__rt::Declaration::new(#ty::TABLE, #name, __PATH, #options, #any, #site)
            #twin #extra #key #seal
    };
    let is_used = !are_alone || *how == "known" && !is_read;
    let constant = is_used.then(|| {
        let config = config(&parts, layer, scope);
        quote!(const #constant: #ty = #config;)
    });
    (constant.into_token_stream(), declaration)
}

fn declared(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let options = &layer.text;
    let parts = parts(layer, scope);
    let config = (parts.how == "known").then(|| config(&parts, layer, scope));
    let config = config.map(|config| quote!(= #config));
    let Parts { name, how, ty, listeners } = parts;
    let listeners = listeners.map(|listeners| quote!(@extra #listeners,));
    // The line it reports is that of the attribute: all of the invocation has to come from there.
    let krate = scope.krate.clone().into_iter().map(|token| sited(token, layer.site));
    let arguments = quote!(#name, #options, #how #ty #config, #listeners);
    quote_spanned!(layer.site=> #(#krate)*::__rt::declare!(#arguments))
}

/// A token of the crate's path, put at a place; `$crate` is nothing but its span.
fn sited(mut token: TokenTree, site: Span) -> TokenTree {
    if token.to_string() != "$crate" {
        token.set_span(site);
    }
    token
}

/// The configuration as a constant expression.
fn recipe(layer: &Layer, scope: &Scope<'_>) -> TokenStream {
    let krate = scope.krate;
    let ty = format_ident!("{}Config", layer.spec.type_name);
    let text = layer.config.recipe().iter().fold(String::new(), |text, call| text + "." + call);
    let text = text.replace("::failsafe::", "__failsafe::");
    let calls = TokenStream::from_str(&text).unwrap_or_default();
    let calls = with_crate(calls, krate);
    let literals = quote!(#krate::config::#ty::new()#calls);
    // Called as a function, so that the place of the call, where the compiler reports a value that
    // breaks a rule, is the value alone.
    layer.constants.iter().fold(literals, |config, (setter, value)| {
        let place = Place::of(value);
        let path = place.path(&quote!(#krate::config::#ty), setter);
        let arguments = place.arguments(quote!(#config, #value));
        quote!(#path #arguments)
    })
}

/// Puts the path of the crate where a recipe says `__failsafe`.
fn with_crate(tokens: TokenStream, krate: &TokenStream) -> TokenStream {
    use proc_macro2::Group;
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
pub(super) fn is_generic(layer: &Layer, scope: &Scope<'_>) -> bool {
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
    // The span of the name makes the lint, which looks at `link_name`, take the code for the user's
    // own, which it is about; the rest of it keeps `unsafe_code` quiet, which it is not.
    let span = *span;
    let link_name = format!("{} \"{name}\"", layer.spec.name);
    let function = Ident::new("with_other_options", span);
    // What is not said is not shown; each type has its own layout, so nothing is taken for another.
    let defaults = (layer.spec.blank)().fingerprint();
    let said = layer.config.fingerprint().into_iter().filter(|option| !defaults.contains(option));
    let parameters = said.map(|(option, first, second)| {
        let option = format_ident!("{option}");
        let clamp = |number: u64| usize::try_from(number.min(u32::MAX.into())).unwrap_or(0);
        let (first, second) = (clamp(first), clamp(second));
        quote_spanned!(span=> _: *const #krate::__rt::options::#option<#first, #second>)
    });
    let mut link_name = proc_macro2::Literal::string(&link_name);
    link_name.set_span(span);
    let inner = quote_spanned!(span=> #[link_name = #link_name] fn #function(#(#parameters),*););
    quote! {
        const _: () = {
            #[deny(clashing_extern_declarations)]
            #[allow(dead_code, reason = "it is only compared")]
            unsafe extern "C" {
                #inner
            }
        };
    }
}
