//! Whether the outcomes of a function can be kept, and under what.

use crate::errors::Errors;
use crate::item::Function;
use crate::read::Layer;

/// Judges the caches of a stack.
pub(super) fn check(layers: &[Layer], function: &Function, errors: &mut Errors) {
    for layer in layers.iter().filter(|layer| layer.spec.name == "cache") {
        if layer.key("key").is_none() && !layer.is_faulty {
            errors.at(layer.span, missing_key(function));
        }
        if let Some(span) = function.opaque_output() {
            errors.at(
                span,
                "a cache has to name the type that it keeps, and `impl Trait` has no name: return a \
                 type with one",
            );
        }
        if let Some(span) = function.borrowed_success() {
            errors.at(
                span,
                "a cached value outlives the call, so it cannot borrow: return an owned value, such \
                 as a `String` or an `Arc`",
            );
        }
    }
}

/// Says what to write, with the function's own arguments.
fn missing_key(function: &Function) -> String {
    let arguments = function.arguments();
    let key = match &arguments[..] {
        [] => {
            return "a cache needs to know what the value depends on: write `key = ..`; where it \
                    depends on nothing, `key = ()`"
                .to_owned();
        }
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    };
    format!(
        "a cache needs to know what the value depends on: write `key = {key}`, or those of the \
         arguments that tell one value from another"
    )
}
