//! Literals where an expression is expected: judged now, as those of a configuration are.

use super::value::literal;
use failsafe_config::{Fault, PolicySpec, Shape, Value, literal_prioritizer};
use syn::Expr;

/// Judges what can be a value, and what cannot be an instance, where they are literals.
pub(super) fn judge(
    spec: &PolicySpec,
    option: &str,
    shape: Shape,
    value: &Expr,
) -> Result<(), Fault> {
    let Some(written) = literal(value) else { return Ok(()) };
    if matches!(shape, Shape::CallValue | Shape::CallDefault) {
        return (spec.blank)().set(option, &written);
    }
    match (option, &written) {
        ("budget", Value::Text(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_)) => {
            Err(Fault::known(
                "calls share a budget, so it is made once: write `static BUDGET: Budget = \
                 failsafe::policy!(budget(max_rate = \"20%\"));` and here `budget = BUDGET`",
            ))
        }
        ("prioritizer", _) => Err(literal_prioritizer()),
        _ => Ok(()),
    }
}
