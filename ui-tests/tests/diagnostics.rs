//! `docs/diagnostics.md` is made of the cases: what was written, and what the compiler says of it. After a change of the
//! messages `DIAGNOSTICS=write cargo test -p failsafe-ui-tests --test diagnostics` makes it anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const INTRODUCTION: &str = "\
# Diagnostics

What the compiler says of attributes it cannot accept, one row for each fault that a case in `ui-tests/cases` shows. The
table is generated from the cases.
";

/// Folders that are not named after an attribute.
const TITLES: [(&str, &str); 2] =
    [("_stack", "Several policies together"), ("_signature", "The function under the attributes")];

/// One fault: where it is, and what is said.
struct Fault {
    line: usize,
    column: usize,
    message: String,
}

#[test]
fn the_table_is_that_of_the_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (path, table) = (root.join("../docs/diagnostics.md"), table(&root.join("cases")));
    if std::env::var_os("DIAGNOSTICS").is_some_and(|what| what == "write") {
        fs::write(&path, &table).expect("the docs can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == table,
        "docs/diagnostics.md is not up to date: run `DIAGNOSTICS=write cargo test -p \
         failsafe-ui-tests --test diagnostics` and read what it changed"
    );
}

fn table(cases: &Path) -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut folders = names(cases);
    // What concerns several policies comes first.
    folders.sort_by_key(|name| (!name.starts_with('_'), name.clone()));
    for folder in folders {
        let files = names(&cases.join(&folder));
        let mut rows = String::new();
        for case in files.iter().filter_map(|name| name.strip_suffix(".stderr")) {
            let file = |kind: &str| cases.join(&folder).join(format!("{case}.{kind}"));
            let read = |kind: &str| fs::read_to_string(file(kind)).expect("a case has both files");
            let (source, said) = (read("rs"), read("stderr"));
            let faults = faults(&said, &format!("cases/{folder}/{case}.rs"));
            assert!(!faults.is_empty(), "{folder}/{case}.stderr says nothing of its case");
            for fault in faults {
                let written = written(&source, &fault);
                let _ = writeln!(rows, "| `{}` | {} |", cell(&written), cell(&fault.message));
            }
        }
        if rows.is_empty() {
            continue;
        }
        let title = TITLES.iter().find(|(name, _)| *name == folder);
        let title = title.map_or_else(|| format!("`{folder}`"), |(_, title)| (*title).to_owned());
        let _ =
            write!(text, "\n## {title}\n\n| written | what the compiler says |\n|---|---|\n{rows}");
    }
    text
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names: BTreeSet<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.into_iter().collect()
}

/// The errors in what the compiler said, at their places in the case.
fn faults(said: &str, case: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut message: Option<Vec<&str>> = None;
    for line in said.lines() {
        if let Some(error) = line.strip_prefix("error") {
            let text = error.split_once(": ").map_or(error, |(_, text)| text);
            message = Some(vec![text]);
        } else if let Some(place) = line.trim_start().strip_prefix("--> ") {
            let position = place.strip_prefix(case).and_then(|rest| rest.strip_prefix(':'));
            let position = position.and_then(|rest| rest.split_once(':'));
            let position =
                position.and_then(|(row, column)| row.parse().ok().zip(column.parse().ok()));
            if let (Some((line, column)), Some(message)) = (position, message.take()) {
                faults.push(Fault { line, column, message: message.join(" ") });
            }
        } else if let Some(message) = &mut message {
            // A message of several lines.
            message.push(line.trim());
        }
    }
    faults
}

/// What the user wrote there: the line, or if the fault begins late in a long one, from there.
fn written(source: &str, fault: &Fault) -> String {
    let line = source.lines().nth(fault.line - 1).unwrap_or_default();
    let from = fault.column.saturating_sub(1);
    let shown = if line.trim().chars().count() > 90 {
        line.chars().skip(from).collect::<String>()
    } else {
        line.to_owned()
    };
    shown.trim().to_owned()
}

/// Text that stays in one cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}
