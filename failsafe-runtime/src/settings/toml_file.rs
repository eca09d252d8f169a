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
    // What is wrong with what can be read alone: keys and sections that are given twice.
    let of_rest = errors.into_iter().map(|error| {
        let at = error.span().map_or(0, |span| span.start);
        broken.of_rest(at, toml_broken::message(&error))
    });
    let of_rest: Vec<_> = of_rest.collect();
    (items(table.get_ref()), [broken.unreadable, of_rest].concat())
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
