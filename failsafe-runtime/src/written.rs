//! The options of a declaration as they were written, one by one.

use crate::site::Declaration;
use failsafe_config::{PolicyConfig, PolicySpec, Shape, Value};

/// Options of every policy that are in no table.
const COMMON: [&str; 2] = ["name", "map_err"];

/// The options in the text of a declaration, and what follows each: `("max", "3")`, `("handle",
/// "(Err(_))")`.
///
/// An option begins behind a comma that stands in no bracket and no string, with a word of the table
/// before a `=` or a `(`; any other comma, such as one between the arguments of a closure, belongs to
/// the value it stands in.
pub(crate) fn written<'a>(
    spec: &'static PolicySpec,
    text: &'a str,
) -> Vec<(&'static str, &'a str)> {
    let mut found: Vec<(&'static str, &str)> = Vec::new();
    let (mut rest, mut is_first) = (text, true);
    let mut open: Option<(&'static str, &str)> = None;
    loop {
        let begins = begin(spec, rest).or_else(|| {
            let option = spec.positional.filter(|_| is_first && !rest.trim().is_empty())?;
            Some((option, rest))
        });
        if let Some((option, value)) = begins {
            found.extend(open.take().map(|(option, from)| (option, cut(from, rest))));
            open = Some((option, value));
        }
        is_first = false;
        match comma(rest) {
            Some(at) => rest = rest[at + 1..].trim_start(),
            None => break,
        }
    }
    found.extend(open.map(|(option, from)| (option, from.trim())));
    found
}

/// What a function says of its calls by a number, and where.
pub(crate) struct Said {
    pub(crate) option: &'static str,
    value: Value,
    place: String,
}

impl Said {
    /// Why such a call cannot be, under a policy that is told this.
    pub(crate) fn fault(&self, config: &dyn PolicyConfig) -> Option<String> {
        let (option, value, place) = (self.option, &self.value, &self.place);
        let mut config = config.duplicate();
        let fault = config.set(option, value).and_then(|()| config.check()).err()?;
        let value = value.literal();
        Some(format!("{fault}; the attribute at {place} says `{option} = {value}`"))
    }
}

/// The numbers in an attribute where an expression of the call may stand.
pub(crate) fn said_of_calls(declaration: &Declaration) -> Vec<Said> {
    let spec = declaration.table();
    let said = written(spec, declaration.options()).into_iter().filter_map(|(name, text)| {
        let value = Value::bare(text);
        let option = spec.option(name).filter(|one| one.shape == Shape::CallValue)?;
        let place = format!("{}:{}", declaration.file(), declaration.line());
        matches!(value, Value::Int(_)).then_some(Said { option: option.name, value, place })
    });
    said.collect()
}

/// Whether the value of an option is a number or a text, and not code.
pub(crate) fn is_literal(value: &str) -> bool {
    let value = value.trim_start_matches(['-', '(']);
    value.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '"'))
}

/// The text from one place to another one behind it, without the comma between.
fn cut<'a>(from: &'a str, to: &str) -> &'a str {
    from[..from.len() - to.len()].trim_end().trim_end_matches(',').trim()
}

/// The option that a text begins with, and the text of its value.
fn begin<'a>(spec: &'static PolicySpec, text: &'a str) -> Option<(&'static str, &'a str)> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let option = spec.options.iter().map(|option| option.name).chain(COMMON);
    let option = option.into_iter().find(|option| *option == word)?;
    let rest = rest.trim_start();
    match rest.strip_prefix('=') {
        Some(value) if !value.starts_with(['=', '>']) => Some((option, value)),
        None if rest.starts_with('(') => Some((option, rest)),
        None if rest.is_empty() || rest.starts_with(',') => Some((option, rest)),
        _ => None,
    }
}

/// The first comma outside brackets and strings.
fn comma(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(first) = text[at..].chars().next() {
        match first {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => return Some(at),
            _ => {}
        }
        at += quoted(&text[at..]).unwrap_or(first.len_utf8());
    }
    None
}

/// How long the string or character is that a text begins with.
fn quoted(text: &str) -> Option<usize> {
    if let Some(inside) = text.strip_prefix('\'') {
        // `'a'`, not the lifetime `'a`.
        let first = inside.chars().next()?;
        let end = if first == '\\' { inside.get(2..)?.find('\'')? + 2 } else { first.len_utf8() };
        return inside[end..].starts_with('\'').then_some(end + 2);
    }
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let inside = raw[hashes..].strip_prefix('"')?;
        let end = inside.find(&format!("\"{}", "#".repeat(hashes)))?;
        return Some(1 + hashes + 1 + end + 1 + hashes);
    }
    let mut inside = text.strip_prefix('"')?.char_indices();
    while let Some((at, each)) = inside.next() {
        match each {
            '\\' => drop(inside.next()),
            '"' => return Some(at + 2),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(policy: &str, text: &str) -> Vec<String> {
        let spec = failsafe_config::policy(policy).expect("there is such a policy");
        written(spec, text).into_iter().map(|(option, value)| format!("{option}:{value}")).collect()
    }

    #[test]
    fn options_are_told_apart() {
        assert_eq!(
            of("timeout", "\"1s\", name = \"a, max = 3\""),
            ["limit:\"1s\"", "name:\"a, max = 3\""]
        );
        assert_eq!(of("timeout", ""), Vec::<String>::new());
        assert_eq!(
            of(
                "retry",
                "handle_if = |a, max| a == max, max = 3, handle(Err(E(',', \"delay = (\")) | _), delay = r#\"1\", max = 1s\"#, on_retry = f::<'a, 'b>"
            ),
            [
                "handle_if:|a, max| a == max",
                "max:3",
                "handle:(Err(E(',', \"delay = (\")) | _)",
                "delay:r#\"1\", max = 1s\"#",
                "on_retry:f::<'a, 'b>",
            ]
        );
        assert_eq!(of("circuit_breaker", "self.breaker, handle(_)"), ["handle:(_)"]);
    }
}
