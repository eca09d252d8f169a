//! Options as the text of an attribute, where all of them are plain literals.

use crate::spec::{PolicyConfig, PolicySpec};
use crate::value::Value;

/// The configuration that the text of an attribute says, such as `max = 3, backoff = "1s..10s"`; none where anything in it is
/// more than a plain literal. An attribute whose text is read so at run time was read so when it was compiled.
pub fn config_of_text(spec: &PolicySpec, text: &str) -> Option<Box<dyn PolicyConfig>> {
    let mut config = (spec.blank)();
    let mut rest = text.trim();
    let mut is_first = true;
    while !rest.is_empty() {
        let (key, value) =
            key(rest).or_else(|| Some((spec.positional.filter(|_| is_first)?, rest)))?;
        let (value, behind) = literal(value.trim_start())?;
        match key {
            "name" => drop(value.text()?),
            option => config.set(option, &value).ok()?,
        }
        let behind = behind.trim_start();
        rest = match behind.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if behind.is_empty() => behind,
            None => return None,
        };
        is_first = false;
    }
    Some(config)
}

/// The option that a text begins with, and what follows its `=`.
fn key(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    let key = key.trim_end();
    let is_word = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (is_word && !key.is_empty()).then_some((key, value))
}

/// The literal that a text begins with, and what follows it.
fn literal(text: &str) -> Option<(Value, &str)> {
    if let Some(inside) = text.strip_prefix('"') {
        let (string, behind) = inside.split_once('"')?;
        return (!string.contains('\\')).then(|| (Value::Text(string.to_owned()), behind));
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, behind) = text.split_at(end);
    let value = if digits.is_empty() {
        let flag = ["true", "false"].into_iter().find(|flag| text.starts_with(flag))?;
        return Some((Value::Bool(flag == "true"), &text[flag.len()..]));
    } else if digits.contains('.') {
        Value::Float(digits.parse().ok()?)
    } else {
        Value::Int(digits.parse().ok()?)
    };
    Some((value, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(policy: &str, text: &str) -> Option<Vec<String>> {
        let spec = crate::policy(policy)?;
        config_of_text(spec, text).map(|config| config.recipe())
    }

    #[test]
    fn literals_are_read() {
        let retry =
            recipe("retry", "max = 3, backoff = \"1s..10s\", jitter = 0.5, name = \"a, b\"");
        assert_eq!(retry.expect("these are literals").len(), 3);
        assert_eq!(recipe("timeout", "\"1s\"").expect("this is a literal").len(), 1);
        assert_eq!(recipe("retry", ""), Some(Vec::new()));
        assert_eq!(recipe("feature_toggle", "enabled = false").map(|recipe| recipe.len()), Some(1));
    }

    #[test]
    fn whatever_else_is_not() {
        for text in [
            "max = MAX",
            "max = 3 + 1",
            "max = 3u32",
            "max = 1_000",
            "max",
            "max =",
            "= 3",
            "3",
            "\"1s\"",
            "max = 3,, ",
            "max(3)",
            "max = -3",
            "backoff = \"1s..10s",
            "backoff = \"1\\u{73}..10s\"",
            "max = 3 jitter = 0.5",
            "no = 3",
            "backoff = \"now\"",
            "max = 3, handle_if = |_| true",
            "name = 3",
            "max = 99999999999999999999999999999999999999999",
        ] {
            assert_eq!(recipe("retry", text), None, "{text}");
        }
    }
}
