//! Literals: what can be judged now. Anything else is an expression, which the compiler judges.

use failsafe_config::Value;
use syn::{Expr, Lit, RangeLimits, UnOp};

/// Words that are values, not constants.
pub(super) const WORDS: [&str; 4] = ["unlimited", "last", "error", "first"];

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
            let end = |end: &Option<Box<Expr>>| match end.as_deref().map(literal) {
                // Which end is missing, the range's grammar says.
                None => Some(String::new()),
                Some(Some(Value::Text(text))) => Some(text),
                Some(Some(Value::Int(number))) => Some(number.to_string()),
                Some(Some(Value::Float(number))) => Some(number.to_string()),
                Some(_) => None,
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

/// Whether an expression can name a constant: not a closure, a block, or the call of a method.
pub(super) fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
        }),
        Expr::Group(group) => is_constant(&group.expr),
        Expr::Macro(call) => !call.mac.path.is_ident("format"),
        Expr::Paren(_) | Expr::Call(_) | Expr::Binary(_) | Expr::Const(_) => true,
        _ => false,
    }
}

fn of_lit(literal: &Lit) -> Option<Value> {
    match literal {
        Lit::Str(text) => Some(Value::Text(text.value())),
        Lit::Bool(flag) => Some(Value::Bool(flag.value)),
        Lit::Int(number) if is_number_type(number.suffix()) => {
            Some(Value::Int(number.base10_parse().unwrap_or(i128::MAX)))
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
