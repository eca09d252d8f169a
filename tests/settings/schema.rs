//! The schema of a settings file, which is checked in for editors.

use failsafe::config::{Value, tables};
use serde_json::Value as Json;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/failsafe.schema.json");

/// `FAILSAFE_SCHEMA=overwrite cargo test --test settings` writes it anew.
#[test]
fn the_file_is_that_of_the_tables() {
    let schema = failsafe::settings::schema();
    if std::env::var("FAILSAFE_SCHEMA").is_ok_and(|value| value == "overwrite") {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        std::fs::write(FILE, text).unwrap();
    }
    let written = std::fs::read_to_string(FILE).unwrap();
    assert!(
        serde_json::from_str::<Json>(&written).unwrap() == schema,
        "FAILSAFE_SCHEMA=overwrite cargo test --test settings writes it anew"
    );
}

/// What a table gives as a default or an example is of a type that the schema allows.
#[test]
fn examples_and_defaults_are_allowed() {
    let schema = failsafe::settings::schema();
    for spec in tables() {
        let section = &schema["properties"][spec.name];
        assert_eq!(section["additionalProperties"]["$ref"], format!("#/$defs/{}", spec.name));
        assert_eq!(schema["$defs"][spec.name]["additionalProperties"], false);
        for option in spec.options {
            let property = &section["properties"][option.name];
            assert_eq!(property.is_object(), option.is_settable(), "{}.{}", spec.name, option.name);
            if !option.is_settable() {
                continue;
            }
            assert_eq!(property["description"], option.doc);
            for written in
                [option.example, option.default].into_iter().filter(|text| !text.is_empty())
            {
                let wanted = match Value::bare(written) {
                    Value::Text(_) | Value::Word(_) => ["string", ""],
                    Value::Int(_) => ["integer", "number"],
                    Value::Float(_) => ["number", ""],
                    Value::Bool(_) => ["boolean", ""],
                };
                assert!(
                    wanted.iter().any(|one| allows(property, one)),
                    "{}.{}: {property}",
                    spec.name,
                    option.name
                );
            }
        }
    }
}

fn allows(property: &Json, wanted: &str) -> bool {
    match &property["type"] {
        Json::String(one) => one == wanted,
        Json::Array(all) => all.iter().any(|one| one == wanted),
        _ => false,
    }
}

/// The types are those that an option really takes.
#[test]
fn types_are_found_by_asking() {
    let schema = failsafe::settings::schema();
    let of =
        |policy: &str, option: &str| schema["$defs"][policy]["properties"][option]["type"].clone();
    assert_eq!(of("retry", "max"), serde_json::json!(["integer", "string"]));
    assert_eq!(of("retry", "jitter"), serde_json::json!(["number", "string"]));
    assert_eq!(of("retry", "attempts"), "integer");
    assert_eq!(of("timeout", "limit"), "string");
    assert_eq!(of("feature_toggle", "enabled"), "boolean");
    assert_eq!(of("circuit_breaker", "failures"), serde_json::json!(["integer", "string"]));
    assert_eq!(of("budget", "max_rate"), serde_json::json!(["number", "string"]));
}
