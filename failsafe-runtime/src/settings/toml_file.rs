//! TOML, with the places of keys and values.

use super::toml_broken;
use super::tree::{Element, Item, Node, Unreadable};
use failsafe_config::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads what can be read.
pub(super) fn parse(text: &str) -> (Vec<Item>, Vec<Unreadable>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return (items(table.get_ref()), Vec::new());
    }
    let broken = toml_broken::read_around(text);
    let (table, errors) = DeTable::parse_recoverable(&broken.rest);
    let mut unreadable = broken.unreadable.clone();
    let mut last = None;
    for error in errors {
        // What is wrong with what can be read alone, such as a key that is given twice; of one line the
        // first.
        let at = error.span().map_or(0, |span| span.start);
        let line = broken.rest.get(..at).and_then(|before| before.rfind('\n')).unwrap_or_default();
        if last.replace(line) != Some(line) {
            unreadable.push(broken.of_rest(at, toml_broken::message(&error)));
        }
    }
    (items(table.get_ref()), unreadable)
}

fn items(table: &DeTable<'_>) -> Vec<Item> {
    let items = table.iter().map(|(key, value)| Item {
        key: key.get_ref().to_string(),
        key_at: key.span().start,
        value_at: value.span().start,
        node: node(value.get_ref()),
    });
    let mut items: Vec<_> = items.collect();
    items.sort_by_key(|item| item.key_at);
    items
}

fn node(value: &DeValue<'_>) -> Node {
    match value {
        DeValue::String(text) => Node::Value(Value::Text(text.to_string())),
        DeValue::Boolean(flag) => Node::Value(Value::Bool(*flag)),
        DeValue::Integer(number) => {
            let parsed = i128::from_str_radix(number.as_str(), number.radix());
            let beyond = if number.as_str().starts_with('-') { i128::MIN } else { i128::MAX };
            Node::Value(Value::Int(parsed.unwrap_or(beyond)))
        }
        DeValue::Float(number) => {
            Node::Value(Value::Float(number.as_str().parse().unwrap_or(f64::NAN)))
        }
        DeValue::Datetime(_) => Node::Other("a date"),
        DeValue::Array(array) => {
            let element = |value: &Spanned<DeValue<'_>>| Element {
                at: value.span().start,
                node: node(value.get_ref()),
            };
            Node::Array(array.iter().map(element).collect())
        }
        DeValue::Table(table) => Node::Table(items(table)),
    }
}
