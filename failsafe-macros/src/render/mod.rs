//! Rendering: the function written out again under its policies. It cannot fail.

/// Tokens whose local variables no code of the user can see, and that see none of the user's.
macro_rules! quote {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}

mod adaptive_limiter;
mod adaptive_throttler;
mod budget;
mod bulkhead;
mod cache;
mod circuit_breaker;
mod conditions;
mod declaration;
mod fail_fast;
mod fallback;
mod feature_toggle;
mod hedge;
mod kinds;
mod listeners;
mod prioritizer;
mod rate_limiter;
mod retry;
mod through;
mod timeout;

use crate::item::tokens::Place;
use crate::item::{Attempt, Function, tokens};
use crate::read::{Content, Layer};
use failsafe_config::Runs;
use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;
use std::collections::HashSet;

/// What all parts of one expansion share.
pub(crate) struct Scope<'a> {
    /// The path of the crate `failsafe`.
    pub krate: &'a TokenStream,
    /// The function, which a `policy!` has none of.
    pub function: Option<&'a Function>,
    /// The variable that holds the call's counters.
    pub call: Ident,
}

impl Scope<'_> {
    /// A local variable that no code of the user can see.
    pub(crate) fn local(name: &str) -> Ident {
        Ident::new(name, Span::mixed_site())
    }

    /// How the loops wait.
    fn mode(&self) -> TokenStream {
        if self.is_async() { quote!(async) } else { quote!(blocking) }
    }

    /// The function of ours that asks code which may be async where the function is: on a blocking
    /// one it cannot wait.
    fn now_or_later(&self, name: &str) -> String {
        if self.is_async() { name.to_owned() } else { format!("{name}_now") }
    }

    /// Whether what is inside may wait.
    fn is_async(&self) -> bool {
        self.function.is_none_or(Function::is_async)
    }

    /// Names that are not known outside the function: its parameters, type parameters and `Self`.
    fn names_of_function(&self) -> HashSet<String> {
        let mut names = self.function.map(Function::generics).unwrap_or_default();
        names.extend(self.function.map(Function::bindings).unwrap_or_default());
        names
    }
}

/// What runs inside a policy: an expression of what travels, and the same as a future.
pub(crate) struct Inner {
    pub flow: TokenStream,
    pub future: TokenStream,
}

/// One policy of a stack, with its static and what judges it.
pub(crate) struct Placed<'a> {
    pub layer: &'a Layer,
    /// The static it is declared in.
    pub place: Ident,
    /// Which one of several policies of its kind it is, from 0.
    pub twin: u32,
    /// Whether something inside it can reject a call.
    pub over_rejections: bool,
    /// Whether it is a fallback without which the function needs another way to return a rejection.
    pub seals: bool,
}

/// The whole function.
pub(crate) fn function(function: &Function, layers: &[Layer], krate: &TokenStream) -> TokenStream {
    let call = Scope::local("call");
    let scope = Scope { krate, function: Some(function), call };
    let attempt = function.attempt(krate, runs(layers), &mentioned(layers));
    let placed = place(layers);
    let is_timed = needs_time(function, layers);
    let steps = through::render(&placed, &scope, &attempt, (is_timed, runs(layers)));
    let (site, body) = if let Some(outcome) = steps {
        let statics = declaration::alone(&placed, &scope);
        let declared = quote! {
            fn __failsafe() -> &'static [#krate::__rt::Declaration] {
                &__DECLARATIONS
            }
        };
        (declared, quote!(#statics #outcome))
    } else {
        let here = quote!(
            fn __failsafe() {}
        );
        (here, around(&placed, &scope, &attempt, is_timed))
    };
    let kinds = kinds::imports(layers, krate);
    let body = quote! {
        #kinds
        #site
        // The path of the function is that of an item in it, cut.
        const __PATH: fn() -> &'static str = #krate::__rt::path_of(&__failsafe);
        #body
    };
    function.emit(&documentation(layers), &attempt, body)
}

/// The policies written around the body.
fn around(
    placed: &[Placed<'_>],
    scope: &Scope<'_>,
    attempt: &Attempt,
    is_timed: bool,
) -> TokenStream {
    let Scope { krate, call, .. } = scope;
    let begin = if is_timed { quote!(timed) } else { quote!(new) };
    let statics = declaration::render(placed, scope);
    let innermost = body(&attempt.start, scope);
    let inner = placed.iter().rev().fold(innermost, |inner, one| policy(one, scope, &inner));
    let outcome = finish(placed, scope, &inner.flow);
    quote! {
        #statics
        let mut #call = #krate::__rt::Call::#begin();
        #krate::__rt::done!(#call, __PATH, #outcome)
    }
}

/// How often the policies run the body.
fn runs(layers: &[Layer]) -> Runs {
    layers.iter().map(|layer| layer.spec.runs).max().unwrap_or(Runs::Once)
}

/// Whether a call must know from its start when that was: somebody may ask how long it has run. A
/// blocking body is run at once and to its end, so there it is known always.
fn needs_time(function: &Function, layers: &[Layer]) -> bool {
    let listens = |layer: &&Layer| layer.code.iter().any(|(option, _)| option.starts_with("on_"));
    // What a constant says is not known here.
    let is_timed = |layer: &Layer| {
        let reruns = layer.spec.runs == Runs::OneAfterAnother;
        layer.config.is_timed() || reruns && !layer.constants.is_empty()
    };
    !function.is_async()
        || function.mentions("attempt")
        || layers.iter().any(is_timed)
        || layers.iter().any(|layer| listens(&layer))
}

/// An instance for a static.
pub(crate) fn instance(layer: &Layer, krate: &TokenStream) -> TokenStream {
    let scope = Scope { krate, function: None, call: Scope::local("call") };
    declaration::instance(layer, &scope)
}

fn body(start: &TokenStream, scope: &Scope<'_>) -> Inner {
    let Scope { krate, call, function } = scope;
    if function.is_some_and(Function::is_async) {
        let future = quote!(#krate::__rt::track(&mut #call, #start));
        return Inner { flow: quote!(#future.await), future };
    }
    let flow = quote!(#krate::__rt::run(&mut #call, || #start));
    Inner { future: TokenStream::new(), flow }
}

fn place(layers: &[Layer]) -> Vec<Placed<'_>> {
    let twin = |depth: usize| {
        layers[..depth].iter().filter(|other| other.spec.name == layers[depth].spec.name).count()
    };
    let layers_in = layers.iter().enumerate();
    let placed = layers_in.map(|(depth, layer)| Placed {
        layer,
        place: format_ident!("__{}_{}", layer.spec.name.to_uppercase(), twin(depth)),
        twin: u32::try_from(twin(depth)).unwrap_or(u32::MAX),
        over_rejections: can_reject(&layers[depth + 1..]),
        seals: seals(layers) == Some(depth),
    });
    placed.collect()
}

/// Whether a policy answers for every failure.
fn answers_all(layer: &Layer) -> bool {
    layer.spec.answers() && !layer.has_conditions()
}

/// The fallback without which a rejection would come out of policies that are written as if none
/// could.
fn seals(layers: &[Layer]) -> Option<usize> {
    let written_for_none = layers[0].map_err.is_none() && !can_reject(layers);
    let depth = layers.iter().position(answers_all).filter(|_| written_for_none)?;
    layers[depth + 1..].iter().any(rejects_itself).then_some(depth)
}

/// Whether a rejection can come out of these policies.
fn can_reject(layers: &[Layer]) -> bool {
    let mut rejects = false;
    for layer in layers.iter().rev() {
        rejects = !answers_all(layer) && (rejects || rejects_itself(layer));
    }
    rejects
}

/// Whether a policy can end a call by itself with a rejection.
fn rejects_itself(layer: &Layer) -> bool {
    let Some(rejection) = layer.spec.rejects else { return false };
    let says = |option: &&str| {
        layer.code(option).is_some() || layer.constants.iter().any(|(setter, _)| setter == option)
    };
    let can = rejection.said_by.is_empty()
        || rejection.said_by.iter().any(says)
        // What an instance or a reference says is not known here.
        || layer.instance.is_some()
        || layer.is_reference()
        || layer.config.rejects();
    can && layer.code("otherwise").is_none()
}

fn policy(placed: &Placed<'_>, scope: &Scope<'_>, inner: &Inner) -> Inner {
    let flow = match placed.layer.spec.name {
        "retry" => retry::render(placed, scope, inner),
        "circuit_breaker" => circuit_breaker::render(placed, scope, inner),
        "rate_limiter" => rate_limiter::render(placed, scope, inner),
        "feature_toggle" => feature_toggle::render(placed, scope, inner),
        "adaptive_limiter" => adaptive_limiter::render(placed, scope, inner),
        "bulkhead" => bulkhead::render(placed, scope, inner),
        "fail_fast" => fail_fast::render(placed, scope, inner),
        "hedge" => return hedge::render(placed, scope, inner),
        "cache" => cache::render(placed, scope, inner),
        "adaptive_throttler" => adaptive_throttler::render(placed, scope, inner),
        "timeout" => return timeout::render(placed, scope, inner),
        _ => fallback::render(placed, scope, inner),
    };
    Inner { future: quote!(async { #flow }), flow }
}

/// What the caller gets: the outcome, or the rejection as the return type takes it.
fn finish(placed: &[Placed<'_>], scope: &Scope<'_>, flow: &TokenStream) -> TokenStream {
    let krate = scope.krate;
    if let Some(converted) = converted(placed, scope, flow) {
        return converted;
    }
    if placed.iter().any(|placed| placed.seals) {
        return quote!(#krate::__rt::leave!(#flow));
    }
    if !rejects(placed) {
        return quote!(#krate::__rt::absorbed(#flow));
    }
    let reject = blaming(output_place(scope), krate, "reject", quote!(rejected));
    quote! {
        match #flow {
            ::core::result::Result::Ok(outcome) => outcome,
            ::core::result::Result::Err(rejected) => #reject,
        }
    }
}

/// The same, where an attribute says what becomes of a rejection.
fn converted(placed: &[Placed<'_>], scope: &Scope<'_>, flow: &TokenStream) -> Option<TokenStream> {
    let (given, place) = (placed[0].layer.map_err.as_ref()?, output_place(scope));
    let (convert, local) = (given.tokens(), Ident::new("flow", place.first));
    let converted = blaming(place, scope.krate, "map_err", quote!(#local, #convert));
    Some(quote!({ let #local = #flow; #converted }))
}

/// Whether a rejection can come out of the whole stack.
fn rejects(placed: &[Placed<'_>]) -> bool {
    let top = placed[0].layer;
    !answers_all(top) && (rejects_itself(top) || placed[0].over_rejections)
}

/// The return type.
fn output_place(scope: &Scope<'_>) -> Place {
    scope.function.map_or_else(|| Place::at(Span::call_site()), Function::output_place)
}

/// A call of a function of ours at a place in the user's code, which is to blame if the types do
/// not fit.
fn blaming(
    place: Place,
    krate: &TokenStream,
    function: &str,
    arguments: TokenStream,
) -> TokenStream {
    let path = place.path(&quote!(#krate::__rt), function);
    let arguments = place.arguments(arguments);
    quote!(#path #arguments)
}

/// The identifiers in the expressions of the policies.
fn mentioned(layers: &[Layer]) -> HashSet<String> {
    let mut words = HashSet::new();
    for layer in layers {
        for (_, given) in &layer.code {
            tokens::words(given.tokens(), &mut words);
        }
        if let Some(given) = &layer.map_err {
            tokens::words(given.tokens(), &mut words);
        }
        if let Some(instance) = &layer.instance {
            tokens::words(quote!(#instance), &mut words);
        }
    }
    words
}

/// The "Resilience" section of the function's documentation.
fn documentation(layers: &[Layer]) -> Vec<String> {
    let head = [String::new(), " ### Resilience".to_owned(), String::new()];
    head.into_iter().chain(summary(layers)).collect()
}

/// A line of documentation for each policy.
pub(crate) fn summary(layers: &[Layer]) -> Vec<String> {
    let mut lines = Vec::new();
    for layer in layers {
        let what = if let Some(instance) = &layer.instance {
            format!("the instance `{}`", quote!(#instance).to_string().replace(' ', ""))
        } else if layer.is_reference() {
            "as declared under its name".to_owned()
        } else if layer.constants.is_empty() {
            layer.config.summary()
        } else {
            format!("`{}`", layer.text)
        };
        let name = match &layer.name {
            Some(crate::read::Name::Literal(name, _)) => format!(" `{name}`"),
            _ => String::new(),
        };
        let policy = layer.spec.name.replace('_', " ");
        lines.push(format!(" - {policy}{name}: {what}"));
    }
    lines
}

/// What an option of the shape `option = <fn or closure>` was given.
pub(crate) fn expression<'a>(layer: &'a Layer, option: &str) -> Option<&'a syn::Expr> {
    match &layer.code(option)?.content {
        Content::Value(value) => Some(value),
        Content::List(_) | Content::Nothing => None,
    }
}
