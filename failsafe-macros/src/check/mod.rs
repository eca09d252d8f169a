//! Checking: whether what was written can be meant, each policy against the function and against the
//! others of the stack.

mod caching;
mod hidden;
mod keys;
mod timing;
mod twice;

use crate::errors::Errors;
use crate::item::Function;
use crate::item::tokens::words;
use crate::read::{Content, Given, Layer, literal};
use failsafe_config::{Owner, RateLimiterConfig, Runs, did_you_mean};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashSet;
use syn::Expr;

/// Judges a stack, outermost policy first, on its function.
pub(crate) fn check(layers: &[Layer], function: Option<&Function>, errors: &mut Errors) {
    for (depth, layer) in layers.iter().enumerate() {
        if depth > 0 {
            if let Some(given) = &layer.map_err {
                errors.at(
                    given.key,
                    "`map_err` converts what leaves the stack, so it goes on the \
                                      topmost policy",
                );
            }
        }
        if let Some(function) = function {
            on_function(layer, function, errors);
        }
        permits(layer, errors);
        for given in layer.kinds() {
            kinds(given, errors);
        }
    }
    if let Some(function) = function {
        caching::check(layers, function, errors);
    }
    keys::check(layers, errors);
    hidden::check(layers, function, errors);
    twice::check(layers, errors);
    timing::check(layers, errors);
}

fn on_function(layer: &Layer, function: &Function, errors: &mut Errors) {
    if let Some(why) = layer.spec.needs_async {
        if !function.is_async() && layer.is_default {
            let (place, policy) = (function.name_span(), layer.spec.name);
            errors.at(place, format!("{why}; or write `#[resilient(skip({policy}))]`"));
        } else if !function.is_async() {
            errors.at(layer.span, why);
        }
    }
    borrows(layer, function, errors);
    for (option, given) in &layer.code {
        let Some(row) = layer.spec.option(option) else { continue };
        if let Owner::Instance { instead } = row.owner {
            of_instance(layer, option, given, function, instead, errors);
        }
        if row.may_wait && !function.is_async() {
            cannot_wait(option, given, errors);
        }
    }
}

/// What several attempts cannot have at a time, or one after the other.
fn borrows(layer: &Layer, function: &Function, errors: &mut Errors) {
    let (runs, policy) = (layer.spec.runs, layer.spec.name);
    let exclusive = function.exclusive().filter(|_| runs == Runs::SideBySide);
    let lent = function.lends_out().filter(|_| runs != Runs::Once);
    if let Some(span) = exclusive {
        errors.at(
            span,
            format!(
                "`{policy}` runs several attempts at the same time, and only one of them could have \
                 this `&mut`: take `&self` or `&T` and put what changes behind a lock, or use \
                 `retry`, which runs one attempt after the other"
            ),
        );
    } else if let Some(span) = lent {
        errors.at(
            span,
            format!(
                "`{policy}` may run the function again, but this return type borrows from its \
                 `&mut`, which the first outcome would still hold; return an owned value"
            ),
        );
    }
}

/// Code of the instance that uses something of the function it happens to be written on.
fn of_instance(
    layer: &Layer,
    option: &str,
    given: &Given,
    function: &Function,
    instead: &str,
    errors: &mut Errors,
) {
    if let Some(word) = used_of(given, function) {
        let policy = layer.spec.name.replace('_', " ");
        errors.on(
            given.tokens(),
            format!(
                "`{option}` is part of the {policy}, which other functions can share, so it cannot \
                 use `{word}` of this function: {instead}"
            ),
        );
    }
}

/// Code that could wait on an asynchronous function, on a blocking one.
fn cannot_wait(option: &str, given: &Given, errors: &mut Errors) {
    let tokens = given.tokens();
    let first = tokens.clone().into_iter().next();
    if matches!(first, Some(TokenTree::Ident(word)) if word == "async") {
        errors.on(
            tokens,
            format!(
                "this function is blocking, so `{option}` cannot wait: write a closure without \
                 `async`, or make the function async"
            ),
        );
    }
}

/// A name of the function that code uses and does not bind itself.
fn used_of(given: &Given, function: &Function) -> Option<String> {
    let (mut used, mut own) = (HashSet::new(), HashSet::new());
    match &given.content {
        Content::Value(Expr::Closure(closure)) => {
            words(closure.body.to_token_stream(), &mut used);
            words(closure.inputs.to_token_stream(), &mut own);
        }
        _ => words(given.tokens(), &mut used),
    }
    let mut names: Vec<_> = function.bindings().into_iter().chain(function.generics()).collect();
    names.sort();
    names.into_iter().find(|name| used.contains(name) && !own.contains(name))
}

/// A call that needs more permits than it can ever have.
fn permits(layer: &Layer, errors: &mut Errors) {
    let Some(config) = layer.config.as_any().downcast_ref::<RateLimiterConfig>() else { return };
    let Some(given) = layer.code("permits").filter(|_| layer.constants.is_empty()) else { return };
    let Content::Value(value) = &given.content else { return };
    let count = literal(value).and_then(|written| written.count().ok());
    if let Some(Err(fault)) = count.map(|count| config.check_permits(count)) {
        errors.on(value, fault);
    }
}

/// The kinds named in `handle_rejected(Kind::Timeout | Kind::CircuitOpen)`: the last word of each
/// path.
pub(crate) fn kinds_in(tokens: &TokenStream) -> Vec<Ident> {
    let mut kinds = Vec::new();
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let leads_on = |next: Option<&TokenTree>| matches!(next, Some(TokenTree::Punct(colon)) if colon.as_char() == ':');
        match token {
            TokenTree::Ident(word) if !leads_on(tokens.peek()) => kinds.push(word),
            TokenTree::Group(group) => kinds.extend(kinds_in(&group.stream())),
            _ => {}
        }
    }
    kinds
}

fn kinds(given: &Given, errors: &mut Errors) {
    let named = kinds_in(&given.tokens());
    if named.is_empty() {
        errors.at(given.key, "name the kinds of rejections: `Kind::Timeout | Kind::CircuitOpen`");
    }
    let all = failsafe_config::kinds();
    for kind in named {
        let word = kind.to_string();
        if !all.clone().any(|known| known == word) {
            let known = all.clone().find(|known| known.eq_ignore_ascii_case(&word));
            let hint = known.map_or_else(
                || did_you_mean(&word, "kinds", all.clone()),
                |known| format!("did you mean `{known}`?"),
            );
            errors.at(kind.span(), format!("no policy rejects with `Kind::{word}`; {hint}"));
        }
    }
}
