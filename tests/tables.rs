//! What the tables of the options promise to the compiler: which options take a constant expression, and that what it
//! refuses is said in our words; that each option is part of what two declarations of one name must share.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use failsafe_config::{OptionSpec, PolicySpec, Shape, Value, tables};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Options that are two values in one text, which no expression of one type can say.
const LITERALS_ONLY: [(&str, &str); 2] = [("retry", "backoff"), ("retry", "random_delay")];

/// Options whose constants are all of them valid: any number, any time, on or off; a rate and a drift that their own
/// types let be made.
const NEVER_REFUSED: [(&str, &str); 22] = [
    ("retry", "max"),
    ("retry", "delay"),
    ("retry", "jitter"),
    ("retry", "exhausted"),
    ("circuit_breaker", "delay"),
    ("rate_limiter", "bursty"),
    ("rate_limiter", "wait"),
    ("feature_toggle", "enabled"),
    ("bulkhead", "wait"),
    ("hedge", "delay"),
    ("hedge", "threshold"),
    ("adaptive_limiter", "stabilization"),
    ("adaptive_limiter", "baseline_drift"),
    ("adaptive_limiter", "shrink_when_idle"),
    ("adaptive_limiter", "wait"),
    ("budget", "min_concurrency"),
    ("circuit_breaker", "key_idle"),
    ("rate_limiter", "key_idle"),
    ("bulkhead", "key_idle"),
    ("fail_fast", "key_idle"),
    ("adaptive_throttler", "key_idle"),
    ("adaptive_limiter", "key_idle"),
];

/// Values that one option or another refuses although their type is right.
fn suspects() -> Vec<Value> {
    let numbers = [0, 1, 500, 1_000_001].map(Value::Int);
    let shares = [-1.0, 0.0, 0.5, 1.0, 1.5, f64::INFINITY, f64::NAN].map(Value::Float);
    let texts = [
        "0s",
        "2000000000/s",
        "0/s",
        "5/3",
        "0/5",
        "0 in 1m",
        "3 in 0s",
        "100% in 1m",
        "10% in 0s",
        "10..1",
        "0..0",
        "10s..1s",
        "0s..0s",
        "3..2",
        "0%",
        "200%",
    ];
    let texts = texts.map(|text| Value::Text(text.to_owned()));
    numbers.into_iter().chain(shares).chain(texts).collect()
}

/// What is said of a constant where a text is refused by its grammar, in words that quote it.
const OF_CONSTANTS: [(&str, &str, &str); 1] = [(
    "adaptive_limiter",
    "window",
    "the window is inverted: write the shortest first, such as \"1s..30s\"",
)];

fn configured() -> impl Iterator<Item = (&'static PolicySpec, &'static OptionSpec)> {
    let options =
        |table: &'static PolicySpec| table.options.iter().map(move |option| (table, option));
    tables().flat_map(options).filter(|(_, option)| option.is_config())
}

fn setter(option: &OptionSpec) -> Option<&'static str> {
    match option.shape {
        Shape::Config { setter } => setter,
        _ => None,
    }
}

/// What a column says has to be possible by the others: the macros render by it without asking again.
#[test]
fn the_columns_of_a_table_fit_together() {
    for table in tables() {
        for option in table.options {
            let at = format!("`{}` of `{}`", option.name, table.name);
            if option.can_be_of_instance() {
                assert!(table.stateful && !option.is_config(), "{at} is code that no instance has");
            }
            if option.may_wait {
                assert_eq!(option.shape, Shape::Function, "{at} is nothing that could be async");
            }
        }
        for name in table.rejects.iter().flat_map(|rejection| rejection.said_by) {
            let option = table.option(name).unwrap_or_else(|| panic!("`{name}` is no option"));
            let told = setter(option).is_none_or(|setter| setter == *name);
            assert!(told, "a constant of `{name}` of `{}` is told by another name", table.name);
        }
        if table.answers() {
            assert!(table.needs_one_of.is_some(), "`{}` does not say with what", table.name);
        }
    }
}

#[test]
fn every_option_but_a_pair_takes_a_constant() {
    let without =
        configured().filter(|(_, option)| setter(option).is_none() && option.shape != Shape::Flag);
    let without: Vec<_> = without.map(|(table, option)| (table.name, option.name)).collect();
    assert_eq!(without, LITERALS_ONLY);
}

/// The cases of a policy: what is written, and what the compiler says.
fn cases(folder: &Path) -> Vec<(String, String)> {
    let files = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let sources = files.filter(|file| file.extension().is_some_and(|kind| kind == "rs"));
    let read = |source: PathBuf| {
        let said = fs::read_to_string(source.with_extension("stderr")).unwrap_or_default();
        (fs::read_to_string(&source).unwrap(), said)
    };
    sources.map(read).collect()
}

/// Whether the text has `option = CONSTANT`, or the constant alone where the option needs no name.
fn names_a_constant(text: &str, table: &PolicySpec, option: &OptionSpec) -> bool {
    let constant = |rest: &str| {
        rest.trim_start_matches("Self::").starts_with(|first: char| first.is_ascii_uppercase())
    };
    let named = text.split(&format!("{} = ", option.name)).skip(1).any(constant);
    let alone = table.positional == Some(option.name)
        && text.split(&format!("{}(", table.name)).skip(1).any(constant);
    named || alone
}

#[test]
fn what_the_compiler_refuses_of_a_constant_is_said_in_our_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui-tests/cases");
    let shared = cases(&root.join("policy"));
    let mut missing = Vec::new();
    for (table, option) in configured().filter(|(_, option)| setter(option).is_some()) {
        let own_words =
            OF_CONSTANTS.iter().filter(|row| (row.0, row.1) == (table.name, option.name));
        let faults: BTreeSet<_> = suspects()
            .iter()
            .filter_map(|value| (table.blank)().set(option.name, value).err())
            .map(|fault| fault.message().to_owned())
            .chain(own_words.map(|row| row.2.to_owned()))
            .collect();
        let own = cases(&root.join(table.name));
        let shown = own.iter().chain(&shared).any(|(written, said)| {
            let panicked = |line: &str| {
                let message = line.strip_prefix("error[E0080]: evaluation panicked: ");
                message.is_some_and(|message| faults.contains(message))
            };
            names_a_constant(written, table, option) && said.lines().any(panicked)
        });
        if shown == NEVER_REFUSED.contains(&(table.name, option.name)) {
            missing.push(format!("{} {} {shown}", table.name, option.name));
        }
    }
    assert!(missing.is_empty(), "no case shows what the compiler says of a constant: {missing:#?}");
}

/// The value in an example: a literal of the language.
fn value(text: &str) -> Value {
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    quoted.map_or_else(|| Value::bare(text), |text| Value::Text(text.to_owned()))
}

/// Values of all kinds of options.
fn values(option: &OptionSpec) -> Vec<Value> {
    let texts = [
        "1s",
        "2s",
        "1500ms",
        "1/5",
        "2/5",
        "2 in 1m",
        "20% of 5 in 1m",
        "20% of 6 in 1m",
        "20% of 5",
        "20% in 2m",
        "1s..10s",
        "1s..20s",
        "2s..10s",
        "1..100",
        "1..10",
        "2..100",
        "3..4",
        "100/s",
        "100/m",
        "10/s",
        "10%",
        "10% in 1h",
        "20% in 1h",
        "10% in 2h",
        "last",
        "error",
        "unlimited",
    ];
    let texts = texts.map(|text| Value::Text(text.to_owned()));
    let flags = [true, false].map(Value::Bool);
    let numbers = [2, 3, 10].map(Value::Int);
    let shares = [0.25, 0.75, 2.5].map(Value::Float);
    let all = suspects().into_iter().chain([value(option.example)]).chain(texts);
    all.chain(flags).chain(numbers).chain(shares).collect()
}

#[test]
fn two_configurations_differ_for_the_compiler_where_they_differ() {
    for (table, option) in configured() {
        let configs = values(option).into_iter().filter_map(|value| {
            let mut config = (table.blank)();
            config.set(option.name, &value).ok().map(|()| (value, config))
        });
        let configs: Vec<_> = configs.collect();
        let at = format!("{} {}", table.name, option.name);
        assert!(configs.len() > 1, "no two values of {at}");
        for (value, config) in &configs {
            for (other, differs) in &configs {
                assert_eq!(
                    config.fingerprint() == differs.fingerprint(),
                    config.recipe() == differs.recipe(),
                    "{at}: {value} and {other}"
                );
            }
        }
    }
}

/// The words by which the compiler compares two declarations, and their numbers.
fn words() -> Vec<(String, usize)> {
    let source = include_str!("../failsafe-runtime/src/__rt.rs");
    let list = source.split("    options! {\n").nth(1).unwrap().split("\n    }\n").next().unwrap();
    let rows = list.lines().map(str::trim).filter(|line| !line.starts_with("///"));
    let rows = rows.map(|row| row.split_once(" = ").unwrap());
    rows.map(|(word, number)| (word.to_owned(), number.parse().unwrap())).collect()
}

#[test]
fn no_option_is_taken_for_another() {
    let mut of_number = BTreeMap::new();
    for (word, number) in words() {
        let before = of_number.insert(number, word.clone());
        assert_eq!(before, None, "the number {number} is that of {word} too");
    }
    let declared: BTreeSet<_> = of_number.into_values().collect();
    assert_eq!(declared.len(), words().len());
    let used = tables().flat_map(|table| (table.blank)().fingerprint());
    let used: BTreeSet<_> = used.map(|(word, ..)| word.to_owned()).collect();
    assert_eq!(declared, used, "`options!` and the fingerprints name the same options");
}
