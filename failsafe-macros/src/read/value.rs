//! Literals: what can be judged now. Anything else is an expression, which the compiler judges.

use failsafe_config::Value;
use syn::{Expr, Lit, RangeLimits, UnOp};

/// Words that are values, not constants.
const WORDS: [&str; 4] = ["unlimited", "last", "error", "first"];

/// The value of a literal, a range of literals, or a word; `None` for any other expression.
pub(crate) fn literal(expression: &Expr) -> Option<Value> {
    match expression {
        Expr::Lit(literal) => of_lit(&literal.lit),
        Expr::Group(group) => literal(&group.expr),
        Expr::Paren(paren) => literal(&paren.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            Some(match literal(&unary.expr)? {
                Value::Int(number) => Value::Int(-number),
                Value::Float(number) => Value::Float(-number),
                Value::Text(text) => Value::Text(format!("-{text}")),
                other => other,
            })
        }
        Expr::Range(range) => {
            let end = |end: &Option<Box<Expr>>| match literal(end.as_deref()?)? {
                Value::Text(text) => Some(text),
                Value::Int(number) => Some(number.to_string()),
                Value::Float(number) => Some(number.to_string()),
                _ => None,
            };
            let dots = match range.limits {
                RangeLimits::HalfOpen(_) => "..",
                RangeLimits::Closed(_) => "..=",
            };
            Some(Value::Text(format!("{}{dots}{}", end(&range.start)?, end(&range.end)?)))
        }
        Expr::Path(path) => {
            let word = path.path.get_ident()?.to_string();
            WORDS.contains(&word.as_str()).then_some(Value::Word(word))
        }
        _ => None,
    }
}

fn of_lit(literal: &Lit) -> Option<Value> {
    match literal {
        Lit::Str(text) => Some(Value::Text(text.value())),
        Lit::Bool(flag) => Some(Value::Bool(flag.value)),
        Lit::Int(number) if is_number_type(number.suffix()) => {
            number.base10_parse().ok().map(Value::Int)
        }
        Lit::Int(number) => {
            Some(Value::Text(format!("{}{}", number.base10_digits(), number.suffix())))
        }
        Lit::Float(number) if is_number_type(number.suffix()) => {
            number.base10_parse().ok().map(Value::Float)
        }
        Lit::Float(number) => {
            Some(Value::Text(format!("{}{}", number.base10_digits(), number.suffix())))
        }
        _ => None,
    }
}

/// Whether a literal's suffix is a type of Rust rather than a unit.
fn is_number_type(suffix: &str) -> bool {
    const TYPES: [&str; 14] = [
        "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
        "f32", "f64",
    ];
    suffix.is_empty() || TYPES.contains(&suffix)
}
