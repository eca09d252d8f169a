//! Whether a policy ever gets to see what it is for: a fallback inside it may leave no failure, and its
//! own conditions may leave none to act on.

use crate::errors::Errors;
use crate::item::Function;
use crate::read::{Content, Given, Layer};
use failsafe_config::{OnFailure, RetryConfig, Runs};
use quote::ToTokens as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Pat, PatTupleStruct, Path, Token};

/// Judges what the layers leave to each other.
pub(super) fn check(layers: &[Layer], function: Option<&Function>, errors: &mut Errors) {
    fallbacks(layers, errors);
    for (depth, layer) in layers.iter().enumerate().filter(|(_, layer)| is(layer, "retry")) {
        aborted(layer, &layers[depth + 1..], function, errors);
        let (outside, inside) = (&layers[..depth], &layers[depth + 1..]);
        spinning(layer, outside, inside, errors);
    }
}

fn is(layer: &Layer, policy: &str) -> bool {
    layer.spec.name == policy
}

/// A fallback that answers every failure leaves none for a policy outside it.
fn fallbacks(layers: &[Layer], errors: &mut Errors) {
    for second in layers.iter().filter(|layer| is(layer, "fallback")).skip(1) {
        errors.at(
            second.span,
            "a second `fallback`: the inner one answers, and the outer one never sees a failure; \
             keep one, and tell the failures apart in its `with`",
        );
    }
    for (depth, fallback) in layers.iter().enumerate().filter(|(_, layer)| layer.spec.answers()) {
        if fallback.has_conditions() || fallback.code("error").is_some() {
            continue;
        }
        let outside = &layers[..depth];
        let blind = |outer: &&Layer| succeeds(fallback) && looks_for_any_failure(outer);
        let retry = outside.iter().find(|outer| is(outer, "retry"));
        let Some(outer) = retry.or_else(|| outside.iter().find(blind)) else { continue };
        let policy = outer.spec.name;
        let instead = if outer.is_default && !fallback.is_default {
            "write `#[resilient]`, where the defaults are to stand, below `#[fallback(..)]`"
                .to_owned()
        } else {
            format!("put `#[fallback(..)]` above `#[{policy}(..)]`")
        };
        let a = if policy.starts_with('a') { "an" } else { "a" };
        errors.at(
            fallback.span,
            format!(
                "this `fallback` is inside {a} `{policy}`, which then never sees a failure; {instead}"
            ),
        );
    }
}

/// Whether the policy does nothing but look for failures, and a success cannot be one.
fn looks_for_any_failure(layer: &Layer) -> bool {
    let acts = layer.spec.on_failure == OnFailure::Acts;
    // A slow success is a failure, and whether there is such a limit has to be known.
    acts && layer.is_known() && layer.key("slow").is_none() && !layer.has_conditions()
}

/// Whether what a fallback answers is written as a success.
fn succeeds(fallback: &Layer) -> bool {
    let answer = |option: &str| match fallback.code(option).map(|given| &given.content) {
        Some(Content::Value(Expr::Closure(closure))) => Some(&*closure.body),
        Some(Content::Value(value)) => Some(value),
        _ => None,
    };
    let of_success = |answer: &Expr| match answer {
        Expr::Call(call) => {
            matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Ok") || path.path.is_ident("Some"))
        }
        _ => false,
    };
    answer("value").or_else(|| answer("with")).is_some_and(of_success)
}

/// A retry whose `abort` takes all that it handles.
fn aborted(retry: &Layer, inside: &[Layer], function: Option<&Function>, errors: &mut Errors) {
    let aborts: Vec<_> = retry.given("abort").flat_map(alternatives).collect();
    let Some(given) = retry.code("abort") else { return };
    if retry.code("handle_if").is_some() || retry.code("handle_rejected").is_some() {
        return;
    }
    let handles: Vec<_> = retry.given("handle").flat_map(alternatives).collect();
    let ends = |handled: &Condition| aborts.iter().any(|abort| abort.covers(handled));
    let never = if handles.is_empty() {
        // Any failure: that of the function, or a rejection by what is inside.
        inside.is_empty() && ends(&any_failure(function))
    } else {
        handles.iter().all(ends)
    };
    if never {
        errors.at(
            given.key,
            "this retry never retries: `abort` ends it at every failure that it handles; write \
             which failures are worth another attempt in `handle(..)`, and others in `abort(..)`",
        );
    }
}

/// A retry without end and without a pause, of calls that are refused at once.
fn spinning(retry: &Layer, outside: &[Layer], inside: &[Layer], errors: &mut Errors) {
    let Some(config) = retry.config.as_any().downcast_ref::<RetryConfig>() else { return };
    let pauses = ["delay", "backoff", "random_delay", "delay_with", "max_duration", "budget"];
    let ends = ["abort", "abort_if", "abort_rejected"];
    let says = |option: &&str| retry.key(option).is_some();
    let bounded = config.get_max().is_some() || pauses.iter().chain(&ends).any(says);
    let timed = outside.iter().any(|layer| is(layer, "timeout"));
    if !retry.is_known() || bounded || timed || retry.has_conditions() {
        return;
    }
    let refusal = |layer: &Layer| {
        let rejection = layer.spec.rejects.filter(|rejection| rejection.lasts)?;
        layer.code("otherwise").is_none().then_some((layer.spec.name, rejection.kind))
    };
    // Another retry, a hedge or a fallback in between has a say of its own.
    let has_no_say = |layer: &&Layer| !layer.spec.answers() && layer.spec.runs == Runs::Once;
    let mut reached = inside.iter().take_while(has_no_say);
    if let Some((policy, kind)) = reached.find_map(refusal) {
        errors.at(
            retry.key("max").unwrap_or(retry.span),
            format!(
                "a call that the `{policy}` below refuses would be repeated at once and without end: \
                 add a `delay` or a `backoff`, write how many retries there are, or end them with \
                 `abort_rejected(Kind::{kind})`"
            ),
        );
    }
}

/// One alternative of a condition, with the guard of all.
struct Condition {
    pattern: Pat,
    guard: Option<String>,
}

impl Condition {
    /// Whether it holds wherever the other one does, as far as can be seen.
    fn covers(&self, other: &Self) -> bool {
        (self.guard.is_none() || self.guard == other.guard) && covers(&self.pattern, &other.pattern)
    }
}

/// The alternatives of `A | B if guard`.
fn alternatives(given: &Given) -> Vec<Condition> {
    let parser = |input: ParseStream<'_>| {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = input.parse::<Option<Token![if]>>()?.map(|_| input.parse::<Expr>());
        Ok((pattern, guard.transpose()?))
    };
    // What is no pattern was reported where it was read.
    let Ok((pattern, guard)) = parser.parse2(given.tokens()) else { return Vec::new() };
    let guard = guard.map(|guard| guard.to_token_stream().to_string());
    let patterns = match pattern {
        Pat::Or(or) => or.cases.into_iter().collect(),
        pattern => vec![pattern],
    };
    patterns.into_iter().map(|pattern| Condition { pattern, guard: guard.clone() }).collect()
}

/// What a failure of the function is where nothing says so.
fn any_failure(function: Option<&Function>) -> Condition {
    let output = function.map(|function| function.output().to_string()).unwrap_or_default();
    let name = output.split('<').next().unwrap_or_default();
    let pattern = if name.trim().ends_with("Option") {
        syn::parse_quote!(None)
    } else {
        syn::parse_quote!(Err(_))
    };
    Condition { pattern, guard: None }
}

/// Whether all that one pattern matches is matched by another.
fn covers(pattern: &Pat, other: &Pat) -> bool {
    match (pattern, other) {
        (Pat::Wild(_), _) => true,
        (Pat::Ident(name), _) if name.subpat.is_none() && is_variable(&name.ident) => true,
        (Pat::Paren(pattern), other) => covers(&pattern.pat, other),
        (pattern, Pat::Paren(other)) => covers(pattern, &other.pat),
        (Pat::TupleStruct(pattern), Pat::TupleStruct(other))
            if same(&pattern.path, &other.path) =>
        {
            fields_cover(pattern, other)
        }
        (pattern, other) => {
            pattern.to_token_stream().to_string() == other.to_token_stream().to_string()
        }
    }
}

/// Whether a name in a pattern is a variable rather than a constant or a variant.
fn is_variable(name: &proc_macro2::Ident) -> bool {
    !name.to_string().contains(char::is_uppercase)
}

fn same(path: &Path, other: &Path) -> bool {
    path.to_token_stream().to_string() == other.to_token_stream().to_string()
}

fn fields_cover(pattern: &PatTupleStruct, other: &PatTupleStruct) -> bool {
    let is_rest = |field: &Pat| matches!(field, Pat::Rest(_));
    if pattern.elems.len() == 1 && pattern.elems.iter().all(is_rest) {
        return true;
    }
    let (fields, others) = (&pattern.elems, &other.elems);
    let pairs = || fields.iter().zip(others);
    fields.len() == others.len()
        && pairs().all(|(field, other)| is_rest(field) == is_rest(other))
        && pairs().all(|(field, other)| is_rest(field) || covers(field, other))
}
