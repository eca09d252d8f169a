//! What an attribute rejects, a file rejects, in the same words.

use failsafe::config::{OptionSpec, Value, tables};
use failsafe::settings::{Settings, from_json, from_toml};

/// Values as they are written in an attribute, a TOML file and a JSON file alike.
const VALUES: &[&str] = &[
    "0",
    "1",
    "-1",
    "3",
    "1000000",
    "4294967295",
    "4294967296",
    "99999999999999999999",
    "0.0",
    "0.2",
    "1.0",
    "1.5",
    "-0.5",
    "1e300",
    "true",
    "false",
    "\"\"",
    "\" \"",
    "\"0s\"",
    "\"1s\"",
    "\"-1s\"",
    "\"1\"",
    "\"1.5\"",
    "\"1 sec\"",
    "\"10 parsecs\"",
    "\"1s..2s\"",
    "\"2s..1s\"",
    "\"1s..\"",
    "\"..1s\"",
    "\"0s..1s\"",
    "\"1s..=2s\"",
    "\"3/5\"",
    "\"5/3\"",
    "\"0/3\"",
    "\"3/0\"",
    "\"3 in 1m\"",
    "\"20% of 5 in 1m\"",
    "\"200% of 5 in 1m\"",
    "\"0% of 5 in 1m\"",
    "\"20%\"",
    "\"120%\"",
    "\"100/s\"",
    "\"0/s\"",
    "\"100/0s\"",
    "\"100 per s\"",
    "\"last\"",
    "\"error\"",
    "\"lats\"",
    "\"first\"",
    "\"unlimited\"",
    "\"unlimitd\"",
    "\"true\"",
    "\"1..20\"",
    "\"20..1\"",
    "\"9999999999999999999999s\"",
    "\"1s1\"",
    "\"ä\"",
];

fn value(written: &str) -> Value {
    if let Some(text) = written.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        return Value::Text(text.to_owned());
    }
    if let Ok(flag) = written.parse() {
        return Value::Bool(flag);
    }
    let number = written.parse().map(Value::Int);
    number.or_else(|_| written.parse().map(Value::Float)).unwrap()
}

#[test]
fn a_rejected_literal_is_rejected_in_the_same_words() {
    let mut rejected = 0;
    for spec in tables() {
        for option in spec.options.iter().filter(|option| option.is_settable()) {
            for written in VALUES {
                let (policy, name) = (spec.name, option.name);
                // What the attribute says at a literal.
                let Err(fault) = (spec.blank)().set(name, &value(written)) else { continue };
                rejected += 1;
                let column = name.len() + 4;
                let told = |file: &str, error: failsafe::settings::SettingsError| {
                    assert_eq!(error.faults().len(), 1, "{policy} {name} = {written}: {error}");
                    let (fault, text) = (error.faults()[0].clone(), error.to_string());
                    assert!(text.starts_with(file), "{text}");
                    fault.message().to_owned()
                };
                let text = format!("[{policy}]\n{name} = {written}");
                let error = from_toml(&text).map(drop).expect_err(&text);
                let place = format!("settings.toml:2:{column}: ");
                assert_eq!(told(&place, error), fault.message(), "{text}");
                let text = format!("{{\"{policy}\": {{\"{name}\": {written}}}}}");
                let error = from_json(&text).map(drop).expect_err(&text);
                assert_eq!(told("settings.json:1:", error), fault.message(), "{text}");
                let error = Settings::new().set(policy, "*", name, value(written));
                assert_eq!(told("in code, ", error.map(drop).unwrap_err()), fault.message());
            }
        }
    }
    assert!(rejected > 300, "{rejected}");
}

/// A variable has no quotes: what it says is what the text is read as.
#[test]
fn a_rejected_variable_is_rejected_in_the_same_words() {
    let mut rejected = 0;
    for spec in tables() {
        for option in spec.options.iter().filter(|option| option.is_settable()) {
            for written in VALUES {
                let meant = (spec.blank)().set(option.name, &Value::bare(written));
                let Err(fault) = meant else { continue };
                rejected += 1;
                let name = format!("FAILSAFE__{}__{}", spec.name, option.name).to_uppercase();
                let error = Settings::new().variables([(name.as_str(), *written)]).unwrap_err();
                assert_eq!(error.to_string(), format!("{name}: {fault}"));
            }
        }
    }
    assert!(rejected > 300, "{rejected}");
}

/// What can be wrong with a value, each by values of the list above.
const FAULTS: [(&str, &[&str]); 4] = [
    ("is of another type", &["true", "1.5", "\"3 in 1m\"", "\"true\""]),
    ("is too low", &["-1", "-0.5", "\"-1s\""]),
    (
        "is too high",
        &["99999999999999999999", "\"9999999999999999999999s\"", "\"200% of 5 in 1m\""],
    ),
    ("is an unknown word", &["\"unlimitd\"", "\"lats\""]),
];

/// So the tests above compare something of every option, of each kind.
#[test]
fn every_option_rejects_something_of_each_kind() {
    let mut accepted = Vec::new();
    for spec in tables() {
        for option in spec.options.iter().filter(|option| option.is_settable()) {
            for (fault, values) in FAULTS {
                assert!(values.iter().all(|value| VALUES.contains(value)), "{fault}");
                let rejects =
                    |written: &str| (spec.blank)().set(option.name, &value(written)).is_err();
                if !values.iter().any(|written| rejects(written)) {
                    accepted.push(format!("{}.{} takes what {fault}", spec.name, option.name));
                }
            }
        }
    }
    assert_eq!(accepted, Vec::<String>::new());
}

/// What is no value at all is told by the file alone, as no attribute can be written so: with what to write.
#[test]
fn every_option_takes_one_value() {
    for spec in tables() {
        for option in spec.options.iter().filter(|option| option.is_settable()) {
            let (policy, name, example) = (spec.name, option.name, option.example);
            for (written, found) in [("[1]", "an array"), ("2026-01-01", "a date")] {
                let told = from_toml(&format!("[{policy}]\n{name} = {written}")).unwrap_err();
                let column = name.len() + 4;
                let expected = format!(
                    "settings.toml:2:{column}: `{name}` takes one value, such as {example}; found {found}"
                );
                assert_eq!(told.to_string(), expected);
            }
        }
    }
}

/// The examples of what the compiler says, at literals of attributes, that a file can hold too.
#[test]
fn the_words_are_those_of_the_compiler() {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/ui-tests/cases");
    let mut compared = 0;
    for spec in tables() {
        let Ok(folder) = std::fs::read_dir(format!("{cases}/{}", spec.name)) else { continue };
        for case in folder.map(|case| case.unwrap().path()) {
            if case.extension().is_some_and(|extension| extension == "stderr") {
                compared += compare(spec, &std::fs::read_to_string(&case).unwrap());
            }
        }
    }
    assert!(compared >= 20, "{compared} messages compared");
}

/// Compares each error of the compiler that is about the value of an option with what a file is told.
fn compare(spec: &failsafe::config::PolicySpec, output: &str) -> usize {
    let mut compared = 0;
    for error in output.split("error: ").skip(1) {
        let mut lines = error.lines();
        let message = lines.next().unwrap_or_default();
        let marks = |line: &&str| line.trim_start_matches([' ', '|']).starts_with('^');
        let lines: Vec<_> = error.lines().collect();
        let Some(place) = lines.iter().position(marks) else { continue };
        let (code, mark) = (lines[place - 1], lines[place]);
        let start = mark.find('^').unwrap();
        let end = start + mark[start..].matches('^').count();
        let (Some(written), Some(before)) = (code.get(start..end), code.get(..start)) else {
            continue;
        };
        let name = before.trim_end().trim_end_matches('=').trim_end();
        let name = name.rsplit([' ', '(', ',']).next().unwrap_or_default();
        let Some(option) = spec.option(name).filter(|option| option.is_settable()) else {
            continue;
        };
        let is_literal =
            written.starts_with(['"', '-']) || written.starts_with(|c: char| c.is_ascii_digit());
        let is_bare = !written.starts_with('"') && written.ends_with(|c: char| c.is_alphabetic());
        if !before.trim_end().ends_with('=')
            || !is_literal
            || is_bare
            || written.contains("..") && !written.starts_with('"')
        {
            continue;
        }
        // By itself, and with what stands beside it in the attribute.
        let alone = format!("[{}]\n{} = {written}", spec.name, option.name);
        let beside = code.split_once('(').map_or("", |(_, options)| options);
        let beside = beside.trim_end_matches([')', ']']).split(", ").filter(|line| {
            let Some((name, value)) = line.split_once(" = ") else { return false };
            let is_text = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
            let is_literal =
                is_text || value.parse::<f64>().is_ok() || value.parse::<bool>().is_ok();
            is_literal && spec.option(name).is_some_and(OptionSpec::is_settable)
        });
        let together = beside.fold(format!("[{}]", spec.name), |all, line| all + "\n" + line);
        let told: Vec<_> = [&alone, &together]
            .into_iter()
            .filter_map(|text| from_toml(text).err())
            .flat_map(|error| error.faults().to_vec())
            .collect();
        if told.is_empty() {
            continue;
        }
        // What is wrong of many names them.
        let names = format!(" ({} `", spec.name);
        let mut words = told.iter().map(|fault| fault.message().split(&names).next());
        assert!(words.any(|words| words == Some(message)), "{together}\n{message}\n{told:#?}");
        compared += 1;
    }
    compared
}
