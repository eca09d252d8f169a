//! The attributes of failsafe: read, check, render.
//!
//! Every attribute *defers*: it moves itself onto a trailing `__stack` attribute and lets rustc go
//! on, until all attributes of ours are collected there; then the stack is expanded once, topmost
//! policy outermost. Reading finds out what was written, checking whether it can be meant, and
//! rendering, which cannot fail, writes the function out again. All faults are reported at once,
//! and the function is kept as it was written, so that a fault in an attribute causes no second
//! error.
//!
//! Users depend on the crate `failsafe`, which re-exports these.

mod check;
mod defer;
mod errors;
#[cfg(test)]
mod expansion;
mod instance;
mod item;
mod named;
mod read;
mod render;
mod resilient;
mod stack;

use proc_macro::TokenStream;
use proc_macro2::Span;

fn defer(kind: &str, args: TokenStream, item: TokenStream) -> TokenStream {
    defer::defer(kind, Span::call_site(), args.into(), item.into()).into()
}

#[doc = include_str!("../docs/retry.md")]
#[proc_macro_attribute]
pub fn retry(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("retry", args, item)
}

#[doc = include_str!("../docs/circuit_breaker.md")]
#[proc_macro_attribute]
pub fn circuit_breaker(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("circuit_breaker", args, item)
}

#[doc = include_str!("../docs/timeout.md")]
#[proc_macro_attribute]
pub fn timeout(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("timeout", args, item)
}

#[doc = include_str!("../docs/fallback.md")]
#[proc_macro_attribute]
pub fn fallback(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("fallback", args, item)
}

#[doc = include_str!("../docs/rate_limiter.md")]
#[proc_macro_attribute]
pub fn rate_limiter(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("rate_limiter", args, item)
}

#[doc = include_str!("../docs/feature_toggle.md")]
#[proc_macro_attribute]
pub fn feature_toggle(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("feature_toggle", args, item)
}

#[doc = include_str!("../docs/bulkhead.md")]
#[proc_macro_attribute]
pub fn bulkhead(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("bulkhead", args, item)
}

#[doc = include_str!("../docs/policies.md")]
#[proc_macro_attribute]
pub fn policies(args: TokenStream, item: TokenStream) -> TokenStream {
    named::apply(&args.into(), &item.into()).into()
}

#[doc = include_str!("../docs/resilient.md")]
#[proc_macro_attribute]
pub fn resilient(args: TokenStream, item: TokenStream) -> TokenStream {
    resilient::expand(args.into(), item.into()).into()
}

/// Where `resilient` is expanded, after all other attributes of its item.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn __resilient(args: TokenStream, item: TokenStream) -> TokenStream {
    resilient::last(&args.into(), item.into()).into()
}

/// What a named stack becomes on a function.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn __policies(args: TokenStream, item: TokenStream) -> TokenStream {
    named::place(args.into(), item.into()).into()
}

#[doc = include_str!("../docs/fail_fast.md")]
#[proc_macro_attribute]
pub fn fail_fast(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("fail_fast", args, item)
}

#[doc = include_str!("../docs/hedge.md")]
#[proc_macro_attribute]
pub fn hedge(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("hedge", args, item)
}

#[doc = include_str!("../docs/cache.md")]
#[proc_macro_attribute]
pub fn cache(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("cache", args, item)
}

#[doc = include_str!("../docs/adaptive_throttler.md")]
#[proc_macro_attribute]
pub fn adaptive_throttler(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("adaptive_throttler", args, item)
}

#[doc = include_str!("../docs/adaptive_limiter.md")]
#[proc_macro_attribute]
pub fn adaptive_limiter(args: TokenStream, item: TokenStream) -> TokenStream {
    defer("adaptive_limiter", args, item)
}

/// Where the attributes of one function come together.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn __stack(args: TokenStream, item: TokenStream) -> TokenStream {
    stack::expand(args.into(), item.into()).into()
}

#[doc = include_str!("../docs/policy.md")]
#[proc_macro]
pub fn policy(input: TokenStream) -> TokenStream {
    instance::expand(input.into()).into()
}

#[doc = include_str!("../docs/stack.md")]
#[proc_macro]
pub fn stack(input: TokenStream) -> TokenStream {
    named::declare(input.into()).into()
}
