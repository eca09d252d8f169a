//! What the documentation shows of settings files is what the schema allows.

use serde_json::{Map, Value as Json, json};
use toml::de::{DeTable, DeValue};

const PAGE: &str = include_str!("../../docs/settings.md");

/// A text of TOML as JSON.
fn json_of(text: &str) -> Json {
    fn node(value: &DeValue<'_>) -> Json {
        match value {
            DeValue::String(text) => json!(text),
            DeValue::Boolean(flag) => json!(flag),
            DeValue::Integer(number) => json!(number.as_str().parse::<i64>().unwrap()),
            DeValue::Float(number) => json!(number.as_str().parse::<f64>().unwrap()),
            DeValue::Datetime(date) => panic!("{date} is no value of settings"),
            DeValue::Array(all) => all.iter().map(|one| node(one.get_ref())).collect(),
            DeValue::Table(inside) => table(inside),
        }
    }
    fn table(inside: &DeTable<'_>) -> Json {
        let item = |(key, value): (&toml::Spanned<_>, &toml::Spanned<_>)| {
            let key: &toml::de::DeString<'_> = key.get_ref();
            (key.to_string(), node(value.get_ref()))
        };
        Json::Object(inside.iter().map(item).collect::<Map<_, _>>())
    }
    table(DeTable::parse(text).unwrap().get_ref())
}

/// Why a schema does not allow a value. A word of schemas that is not known here is a panic, so that
/// nothing is passed over.
fn refused(schema: &Json, value: &Json) -> Option<String> {
    let mut words = schema.as_object().unwrap().iter();
    words.find_map(|(word, says)| refuses(schema, word, says, value))
}

fn refuses(schema: &Json, word: &str, says: &Json, value: &Json) -> Option<String> {
    let (list, map) = (value.as_array(), value.as_object());
    let all = || says.as_array().unwrap().iter();
    let least = || usize::try_from(says.as_u64().unwrap()).unwrap();
    let is_allowed = match word {
        "$schema" | "$defs" | "title" | "description" | "default" | "examples" => true,
        "$ref" => {
            let path = says.as_str().unwrap().strip_prefix('#').unwrap();
            return refused(failsafe::settings::schema().pointer(path).unwrap(), value);
        }
        "type" => match says {
            Json::Array(types) => types.iter().any(|one| is_of(one, value)),
            one => is_of(one, value),
        },
        "anyOf" => all().any(|one| refused(one, value).is_none()),
        "allOf" => return all().find_map(|one| refused(one, value)),
        "not" => refused(says, value).is_some(),
        "required" => {
            map.is_none_or(|map| all().all(|key| map.contains_key(key.as_str().unwrap())))
        }
        "properties" => {
            let mut inside = map.into_iter().flatten();
            return inside.find_map(|(key, one)| refused(says.get(key)?, one));
        }
        "additionalProperties" => {
            let known = |key: &str| schema["properties"].get(key).is_some();
            let mut others = map.into_iter().flatten().filter(|(key, _)| !known(key));
            match says {
                Json::Bool(false) => others.next().is_none(),
                one => return others.find_map(|(_, other)| refused(one, other)),
            }
        }
        "items" => return list.into_iter().flatten().find_map(|one| refused(says, one)),
        "minItems" => list.is_none_or(|list| list.len() >= least()),
        "minProperties" => map.is_none_or(|map| map.len() >= least()),
        "maxProperties" => map.is_none_or(|map| map.len() <= least()),
        "minLength" => value.as_str().is_none_or(|text| text.chars().count() >= least()),
        "pattern" => value.as_str().is_none_or(|text| {
            // The one there is: `^(retry|timeout)\..+$`.
            let pattern = says.as_str().unwrap();
            let kinds =
                pattern.strip_prefix("^(").and_then(|it| it.strip_suffix(r")\..+$")).unwrap();
            text.split_once('.').is_some_and(|(kind, name)| {
                !name.is_empty() && kinds.split('|').any(|known| known == kind)
            })
        }),
        _ => panic!("`{word}` of the schema is not known here"),
    };
    (!is_allowed).then(|| format!("{word} {says} refuses {value}"))
}

fn is_of(kind: &Json, value: &Json) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("the type `{other}` is not known here"),
    }
}

fn judged(value: &Json) -> Option<String> {
    refused(&failsafe::settings::schema(), value)
}

/// The settings files of a page, in TOML and in JSON.
fn examples() -> Vec<Json> {
    let blocks = PAGE.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let files = blocks.filter(|block| !block.starts_with("# Cargo.toml")).map(json_of);
    let json = PAGE.split('`').filter(|code| code.starts_with("{ \""));
    files.chain(json.map(|code| serde_json::from_str(code).unwrap())).collect()
}

#[test]
fn the_examples_of_the_page_are_allowed() {
    let all = examples();
    assert!(all.len() >= 3, "{all:?}");
    for example in all {
        assert_eq!(judged(&example), None, "{example}");
    }
}

/// What the program refuses by its shape, an editor refuses as well.
#[test]
fn mistakes_of_shape_are_refused() {
    let wrong = [
        "[retrys]\nmax = 1",
        "[retry]\nmaxx = 1",
        "[retry]\nmax = true",
        "[retry.x]\ndelay = '1s'\nbackoff = '1s..2s'",
        "[retry.x]\nhandle = 'Err(_)'",
        "[stacks.x]",
        "[stacks.x]\npolices = ['retry.x']",
        "[stacks.x]\npolicies = []",
        "[stacks.x]\npolicies = 'retry.x'",
        "[stacks.x]\npolicies = ['retry']",
        "[stacks.x]\npolicies = ['fallback.x']",
        "[stacks.x]\npolicies = [{ retyr = { max = 1 } }]",
        "[stacks.x]\npolicies = [{ retry = 3 }]",
        "[stacks.x]\npolicies = [{ retry = { max = 1, name = '' } }]",
        "[stacks.x]\npolicies = [{ retry = { max = 1 }, timeout = '1s' }]",
    ];
    for text in wrong {
        assert!(judged(&json_of(text)).is_some(), "{text}");
        assert!(failsafe::settings::from_toml(text).is_err(), "{text}");
    }
    let _alone = super::declared::Alone::blocking();
    let right = "[stacks.x]\npolicies = [{ rate_limiter = { bursty = '4/s', permits = 3, observe = true } }, { timeout = '1s' }]\n\
                 [rate_limiter.x]\npermits = 1";
    assert_eq!(judged(&json_of(right)), None);
    failsafe::settings::from_toml(right).unwrap().check().unwrap();
}
