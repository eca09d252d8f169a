//! The tables in the documentation say what the option tables in failsafe-config say.
//!
//! Every option of a policy is listed on the page of its attribute (`failsafe-macros/docs/<policy>.md`),
//! with the default it has; the page of its module and the README list some, with the same defaults.

use failsafe::config::{OptionSpec, PolicySpec, Shape, Value, instances, policies, policy};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The code in the README's section on testing.
#[path = "docs/testing.rs"]
mod testing;

/// What every attribute takes beside the options in its table.
const COMMON: [&str; 3] = ["name", "map_err", "crate"];

/// One row of a Markdown table, by the words above its cells.
#[derive(Debug)]
struct Row(Vec<(String, String)>);

impl Row {
    fn cell(&self, column: &str) -> &str {
        let cell = self.0.iter().find(|(name, _)| name == column);
        cell.map_or_else(|| panic!("no column `{column}` in {self:?}"), |(_, cell)| cell)
    }
}

/// The rows of all tables whose first column has this name.
fn rows(text: &str, first: &str) -> Vec<Row> {
    let mut found = Vec::new();
    let mut columns: Option<Vec<String>> = None;
    for line in text.lines().map(|line| line.trim_start_matches("//!").trim()) {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        let cells = cells(line);
        match &columns {
            None => columns = Some(cells),
            Some(names) if names[0] == first && !line.starts_with("|---") => {
                assert_eq!(names.len(), cells.len(), "a row with other columns: {line}");
                found.push(Row(names.iter().cloned().zip(cells).collect()));
            }
            Some(_) => {}
        }
    }
    found
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim_matches('|').replace("\\|", "\0");
    inner.split('|').map(|cell| cell.trim().replace('\0', "|")).collect()
}

/// The texts between backticks.
fn code(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The text of a cell that is one piece of code, or none.
fn only_code(cell: &str) -> Option<&str> {
    cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The tables of the policies, and of what is none by itself but shared by them.
fn tables() -> impl Iterator<Item = &'static PolicySpec> {
    policies().iter().chain(instances().filter(|table| policy(table.name).is_none()))
}

fn attribute_page(policy: &PolicySpec) -> String {
    read(format!("failsafe-macros/docs/{}.md", policy.name))
}

/// Whether an option may be left out of a table because another says the same.
fn is_said_by_another(policy: &PolicySpec, option: &OptionSpec, listed: &[&str]) -> bool {
    let says_the_same =
        |group: &&&[&str]| group.contains(&option.name) && listed.iter().any(|o| group.contains(o));
    policy.exclusive.iter().any(|group| says_the_same(&group))
}

#[test]
fn the_page_of_an_attribute_lists_every_option() {
    for policy in policies() {
        let page = attribute_page(policy);
        let rows = rows(&page, "option");
        let listed: Vec<_> = rows.iter().filter_map(|row| only_code(row.cell("option"))).collect();
        let options = policy.options.iter().map(|option| option.name);
        let expected: Vec<_> = options.chain(COMMON).collect();
        assert_eq!(listed, expected, "the options on the page of `{}`", policy.name);
    }
}

#[test]
fn the_page_of_an_attribute_has_the_defaults() {
    for policy in policies() {
        for row in rows(&attribute_page(policy), "option") {
            let name = only_code(row.cell("option")).unwrap_or_default();
            let Some(option) = policy.option(name) else { continue };
            let default = only_code(row.cell("default")).unwrap_or(row.cell("default"));
            assert_eq!(default, option.default, "the default of `{name}` of `{}`", policy.name);
        }
    }
}

#[test]
fn the_page_of_an_attribute_says_what_an_option_takes() {
    for policy in policies() {
        for row in rows(&attribute_page(policy), "option") {
            let name = only_code(row.cell("option")).unwrap_or_default();
            let Some(option) = policy.option(name) else { continue };
            let (takes, meaning) = (row.cell("takes"), row.cell("meaning"));
            let is_right = match option.shape {
                Shape::Config { .. }
                | Shape::Expression
                | Shape::CallValue
                | Shape::CallDefault => !takes.is_empty(),
                Shape::Flag => takes == "nothing",
                Shape::Pattern => takes.contains("pattern"),
                Shape::Kinds => takes.contains("Kind::"),
                Shape::Function => takes.starts_with("`fn("),
                Shape::Listener => takes.contains("Event") || takes.contains("StateChanged"),
            };
            assert!(is_right, "`{name}` of `{}` does not take {takes}", policy.name);
            assert!(meaning.ends_with('.'), "`{name}` of `{}` means {meaning}", policy.name);
        }
    }
}

#[test]
fn the_page_of_a_module_has_the_defaults() {
    for policy in tables() {
        let file = format!("failsafe-runtime/src/{}/mod.rs", policy.name);
        let rows = rows(&read(&file), "option");
        let mut listed = Vec::new();
        for row in &rows {
            // A row in words, such as "the limit", is about an option without a default.
            let Some(name) = only_code(row.cell("option")) else { continue };
            let option = policy.option(name);
            let option = option.unwrap_or_else(|| panic!("{file} lists an option `{name}`"));
            let default = row.cell("default");
            let same = match option.default {
                "" => !default.contains('`') && default.parse::<f64>().is_err(),
                "\"0s\"" => default == "none" || only_code(default) == Some(option.default),
                written => only_code(default).unwrap_or(default) == written,
            };
            assert!(same, "{file}: the default of `{name}` is not {default}");
            listed.push(name);
        }
        for option in policy.options.iter().filter(|option| !option.default.is_empty()) {
            let is_listed =
                listed.contains(&option.name) || is_said_by_another(policy, option, &listed);
            assert!(is_listed, "{file} does not list `{}`", option.name);
        }
    }
}

#[test]
fn the_contents_of_the_crate_list_every_policy() {
    let rows = rows(&read("src/lib.rs"), "policy");
    for policy in policies() {
        let name = policy.name;
        let attribute = format!("[`#[{name}]`](macro@{name})");
        let row = rows.iter().find(|row| row.cell("attribute") == attribute);
        let row = row.unwrap_or_else(|| panic!("the contents in src/lib.rs have no {attribute}"));
        let module = row.cell("how it decides, events, builder");
        assert_eq!(module, format!("[`mod@{name}`]"), "the module of `{name}`");
    }
}

#[test]
fn the_readme_has_the_defaults() {
    let rows = rows(&read("README.md"), "attribute");
    assert_eq!(rows.len(), policies().len(), "the README lists every policy");
    for row in &rows {
        let name = only_code(row.cell("attribute")).unwrap_or_default();
        let policy = policy(name).unwrap_or_else(|| panic!("there is no policy `{name}`"));
        for written in code(row.cell("options (`= default`)")).filter(|code| !code.starts_with('#'))
        {
            let (option, default) = written.split_once(" = ").unwrap_or((written, ""));
            let option = option.trim_end_matches("(..)");
            let row = policy.option(option);
            let row = row.unwrap_or_else(|| panic!("`{name}` has no option `{option}`"));
            assert_eq!(default, row.default, "the default of `{option}` of `{name}`");
        }
    }
}

#[test]
fn the_readme_shows_what_is_tested() {
    let readme = read("README.md");
    for shown in [
        "tests/docs/testing.rs",
        "ui-tests/cases/_stack/three_faults.stderr",
        "ui-tests/cases/_stack/timeout_shorter_than_backoff.stderr",
    ] {
        assert!(readme.contains(&read(shown)), "the README shows another {shown}");
    }
}

/// A default in a table is what a configuration has that was told nothing.
#[test]
fn a_default_is_what_holds() {
    for policy in tables() {
        // No delay and a delay of no time are written in two ways, and mean the same.
        let said = |option: &&OptionSpec| !matches!(option.default, "" | "\"0s\"");
        for option in policy.options.iter().filter(said) {
            let mut config = (policy.blank)();
            let written = value(option.default);
            config.set(option.name, &written).unwrap_or_else(|fault| panic!("{fault}"));
            let (told, blank) = (config.fingerprint(), (policy.blank)().fingerprint());
            assert_eq!(told, blank, "`{}` of `{}`", option.name, policy.name);
        }
    }
}

fn value(written: &str) -> Value {
    if let Some(text) = written.strip_prefix('"') {
        return Value::Text(text.trim_end_matches('"').to_owned());
    }
    if let Ok(flag) = written.parse() {
        return Value::Bool(flag);
    }
    let number = written.parse().map(Value::Int);
    let number = number.or_else(|_| written.parse().map(Value::Float));
    number.unwrap_or_else(|_| Value::Word(written.to_owned()))
}

/// An example in a table is a value that the option takes.
#[test]
fn an_example_is_taken() {
    for policy in tables() {
        for option in policy.options.iter().filter(|option| option.is_config()) {
            let taken = (policy.blank)().set(option.name, &value(option.example));
            assert!(taken.is_ok(), "`{}` of `{}`: {taken:?}", option.name, policy.name);
        }
    }
}

/// The facts of the TCK: their kinds, and how many there are of each.
const FACTS: [(&str, u32); 10] = [
    ("RT", 25),
    ("CB", 28),
    ("TO", 15),
    ("BH", 9),
    ("RB", 6),
    ("FB", 14),
    ("AS", 8),
    ("ID", 20),
    ("CF", 9),
    ("DS", 11),
];

/// The numbers of the facts of a kind that a text names: `BH-01`, or `BH-01 to BH-07`.
fn facts(text: &str, kind: &str) -> BTreeSet<u32> {
    let number = |text: &str| {
        let digits = text.strip_prefix(kind)?.strip_prefix('-')?.get(..2)?;
        digits.parse::<u32>().ok()
    };
    let found = text.match_indices(kind).filter_map(|(at, _)| {
        let first = number(&text[at..])?;
        let behind = text[at + kind.len() + 3..].trim_start().strip_prefix("to ");
        Some(first..=behind.and_then(number).unwrap_or(first))
    });
    found.flatten().collect()
}

#[test]
fn the_page_of_conformance_and_the_tests_have_every_fact() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = read("docs/conformance.md");
    for folder in ["tests/behaviour", "tests/settings"] {
        for file in std::fs::read_dir(root.join(folder)).expect("there is the folder") {
            let file = read(file.expect("it can be listed").path());
            let comments = file.lines().map(str::trim_start).filter(|line| line.starts_with("//"));
            comments.for_each(|line| text.extend([line.trim_start_matches(['/', '!']), " "]));
        }
    }
    for (kind, number) in FACTS {
        let missing: Vec<_> = (1..=number).filter(|n| !facts(&text, kind).contains(n)).collect();
        assert!(missing.is_empty(), "{kind}: {missing:?} are shown nowhere");
    }
}

#[test]
fn the_page_of_conformance_names_what_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = read("docs/conformance.md");
    let (lines, cases) = page.split_once("## Definitions that do not compile").expect("a section");
    let cases: Vec<_> = code(cases).filter(|code| *code != "ui-tests/cases/").collect();
    assert!(cases.len() > 20, "{cases:?}");
    for case in cases {
        assert!(root.join(format!("ui-tests/cases/{case}.rs")).exists(), "there is no {case}");
    }
    let mut last = String::new();
    for code in code(lines) {
        if Path::new(code).extension().is_some_and(|end| end == "rs") {
            let places =
                ["", "tests/", "failsafe-runtime/src/"].map(|place| root.join(place).join(code));
            let file = places.iter().find(|file| file.exists());
            last = read(file.unwrap_or_else(|| panic!("there is no {code}")));
        } else if code.contains("_over_") {
            assert!(last.contains(&format!("fn {code}()")), "there is no {code}");
        }
    }
}

/// Everything written in a folder.
fn sources(folder: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(&root).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let files =
        files.map(|file| file.expect("it can be listed").path()).filter(|path| path.is_file());
    files.map(read).collect()
}

#[test]
fn the_page_for_those_who_know_failsafe_go_names_what_there_is() {
    let rows = rows(&read("docs/failsafe-go.md"), "policy");
    assert!(rows.len() > 60, "{}", rows.len());
    for row in &rows {
        let policy = only_code(row.cell("policy")).expect("a name");
        let table = tables().find(|table| table.name == policy);
        let code_of_it = sources(&format!("failsafe-runtime/src/{policy}"));
        for name in code(row.cell("here")).filter(|name| name.starts_with(char::is_lowercase)) {
            let has_method = |name: &str| {
                ["(", "<"].iter().any(|end| code_of_it.contains(&format!("fn {name}{end}")))
            };
            let found = match name.strip_suffix("()") {
                Some(method) => has_method(method),
                None if name == "unlimited" => has_method(name),
                None => table.is_some_and(|table| table.option(name).is_some()),
            };
            assert!(found, "{policy} has no {name}");
        }
    }
    // None of them is without a row; two of ours are not failsafe-go's.
    for table in tables().filter(|table| !["fail_fast", "feature_toggle"].contains(&table.name)) {
        let policy = format!("`{}`", table.name);
        assert!(rows.iter().any(|row| row.cell("policy") == policy), "{policy} has no row");
    }
}

#[test]
fn the_page_of_the_checks_names_cases_that_there_are() {
    let page = read("docs/checks.md");
    let named = page.split('`').skip(1).step_by(2).filter(|code| code.split('/').count() == 2);
    let named: Vec<_> =
        named.filter(|code| *code != "ui-tests/cases" && !code.contains('.')).collect();
    assert!(named.len() > 80, "{}", named.len());
    for case in named {
        let file = format!("ui-tests/cases/{case}.rs");
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file).exists(), "{file}");
    }
}
