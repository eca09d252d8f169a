//! Literals where an expression is expected: judged now, as those of a configuration are.

use super::value::literal;
use failsafe_config::{Fault, Value, judge_priority_option};
use syn::Expr;

/// Judges the bounds of keys, and what cannot be an instance, where they are literals.
pub(super) fn bound(option: &str, value: &Expr) -> Result<Expr, Fault> {
    match (option, literal(value)) {
        ("budget", Some(Value::Text(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_))) => {
            Err(Fault::known(
                "calls share a budget, so it is made once: write `static BUDGET: Budget = \
                 failsafe::policy!(budget(max_rate = \"20%\"));` and here `budget = BUDGET`",
            ))
        }
        ("max_keys", Some(written)) => match written.count()? {
            0 => Err(Fault::known("`max_keys = 0` keeps no key: write 1 or more")),
            _ => Ok(value.clone()),
        },
        ("prioritizer" | "priority" | "level", Some(written)) => {
            judge_priority_option(option, &written).map(|()| value.clone())
        }
        ("permits", Some(written)) => written.count().map(|_| value.clone()),
        ("key_idle", Some(written)) => {
            let idle = written.duration()?;
            let (seconds, nanos) = (idle.as_secs(), idle.subsec_nanos());
            Ok(syn::parse_quote!(::core::time::Duration::new(#seconds, #nanos)))
        }
        _ => Ok(value.clone()),
    }
}
