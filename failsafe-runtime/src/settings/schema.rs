//! The JSON schema of a settings file, made of the tables of the options.

use super::rule::{self, ENABLED, OBSERVE};
use failsafe_config::{OptionSpec, PolicySpec, Value, tables};
use serde_json::{Map, Value as Json, json};

/// The JSON schema (draft 2020-12) of a settings file, for editors and other tools.
///
/// It is made of the same tables as the attributes: which types an option takes is found by asking
/// it, and the meaning, the default and an example are those of the documentation. What depends on
/// the program, such as the names of its policies, it does not know; nor the rules about the numbers:
/// for those, [`assert_valid`](super::assert_valid) asks the program itself.
///
/// ```
/// # use failsafe_runtime::settings;
/// let schema = settings::schema();
/// assert_eq!(schema["properties"]["retry"]["properties"]["max"]["default"], 2);
/// ```
pub fn schema() -> Json {
    let mut properties = Map::new();
    properties.insert("$schema".to_owned(), json!({ "type": "string" }));
    let mut definitions = Map::new();
    for spec in tables() {
        let reference = json!({ "$ref": format!("#/$defs/{}", spec.name) });
        let mut section = section(spec);
        definitions.insert(spec.name.to_owned(), section.clone());
        if let Some(section) = section.as_object_mut() {
            let all = format!(
                "Every `{0}`; a section inside is for one, or with `*` for some.",
                spec.name
            );
            section.insert("description".to_owned(), all.into());
            section.insert("additionalProperties".to_owned(), reference);
        }
        properties.insert(spec.name.to_owned(), section);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of failsafe",
        "description": "Options of the policies of a program, stronger than its attributes.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": definitions,
    })
}

fn section(spec: &'static PolicySpec) -> Json {
    let properties: Map<_, _> = rule::settable(spec)
        .map(|name| {
            (name.to_owned(), spec.option(name).map_or_else(|| mode(name), |row| option(spec, row)))
        })
        .collect();
    let mut section = json!({
        "description": format!("The `{}` of this name.", spec.name),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    let settable = |name: &&&str| spec.option(name).is_some_and(OptionSpec::is_settable);
    let mut excluded = Vec::new();
    for group in spec.exclusive {
        let group: Vec<_> = group.iter().filter(settable).collect();
        for (place, one) in group.iter().enumerate() {
            let pairs = group[place + 1..]
                .iter()
                .map(|other| json!({ "not": { "required": [one, other] } }));
            excluded.extend(pairs);
        }
    }
    if let (Some(section), false) = (section.as_object_mut(), excluded.is_empty()) {
        section.insert("allOf".to_owned(), excluded.into());
    }
    section
}

fn mode(name: &str) -> Json {
    let description = match name {
        ENABLED => "Whether the policy acts; otherwise calls go on as if it were not there.",
        OBSERVE => "Whether the policy only tells what it would do, and calls go on.",
        _ => "",
    };
    json!({ "description": description, "type": "boolean", "default": name == ENABLED })
}

fn option(spec: &PolicySpec, row: &OptionSpec) -> Json {
    let types = types(spec, row);
    let mut option = Map::new();
    option.insert("description".to_owned(), row.doc.into());
    let types = if let [one] = &types[..] { json!(one) } else { json!(types) };
    option.insert("type".to_owned(), types);
    if !row.default.is_empty() {
        option.insert("default".to_owned(), json_of(&Value::bare(row.default)));
    }
    option.insert("examples".to_owned(), json!([json_of(&Value::bare(row.example))]));
    option.into()
}

/// The types of JSON that an option takes: each of which it takes a sample.
fn types(spec: &PolicySpec, row: &OptionSpec) -> Vec<&'static str> {
    let texts = [
        "1s",
        "1s..2s",
        "5%",
        "3/5",
        "3 in 1m",
        "5% of 5 in 1m",
        "5/s",
        "unlimited",
        "last",
        "first",
    ];
    let texts = texts.into_iter().map(Value::from);
    let written = [row.example, row.default].map(Value::bare);
    let whole = [1, 2, 5, 20, 100].map(Value::Int);
    let fractions = [0.5, 1.5].map(Value::Float);
    let flags = [true, false].map(Value::Bool);
    let samples = texts.chain(written).chain(whole).chain(fractions).chain(flags);
    let taken: Vec<_> =
        samples.filter(|sample| rule::judge(spec, row.name, sample).is_ok()).collect();
    let has = |is: fn(&Value) -> bool| taken.iter().any(is);
    let fraction = has(|value| matches!(value, Value::Float(_)));
    let found = [
        ("integer", !fraction && has(|value| matches!(value, Value::Int(_)))),
        ("number", fraction),
        ("string", has(|value| value.text().is_some())),
        ("boolean", has(|value| matches!(value, Value::Bool(_)))),
    ];
    found.into_iter().filter(|(_, is_taken)| *is_taken).map(|(name, _)| name).collect()
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Text(text) | Value::Word(text) => text.as_str().into(),
        Value::Int(number) => i64::try_from(*number).map_or(Json::Null, Json::from),
        Value::Float(number) => (*number).into(),
        Value::Bool(flag) => (*flag).into(),
    }
}
