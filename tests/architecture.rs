//! The structure that everything else relies on: who imports whom, how large files and functions
//! are, and that a policy has one name everywhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the sources has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines of code in a file, comments and blank lines left out.
const LINES_PER_FILE: usize = 400;
/// The most lines of code in a function.
const LINES_PER_FUNCTION: usize = 60;

fn policies() -> impl Iterator<Item = &'static str> {
    failsafe::config::policies().iter().map(|policy| policy.name)
}

/// The most files of its own that a policy has.
const FILES_PER_POLICY: usize = 8;

/// The policies with more files, and the algorithms that are in them.
const LARGER: &[(&str, &str)] = &[
    ("retry", "the run of its attempts; values and table of its many options"),
    ("circuit_breaker", "windows of calls, tickets of trial calls, thresholds"),
    ("rate_limiter", "calls that wait for their permits, paces"),
    ("hedge", "the race of its attempts, the quantile of their latencies"),
    ("cache", "the table of values, flights, keys, and what of an outcome is kept"),
    ("adaptive_limiter", "windows, digests, correlation and baseline of latencies"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn library_sources() -> Vec<PathBuf> {
    ["src", "failsafe-config/src", "failsafe-macros/src", "failsafe-runtime/src"]
        .into_iter()
        .flat_map(sources)
        .collect()
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//")
}

/// The paths that a file imports from its own crate, `use crate::{a, b::c}` spelled out.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for statement in text.split("use crate::").skip(1) {
        let statement = statement.split(';').next().unwrap();
        let modules = match statement.strip_prefix('{') {
            Some(group) => group.split(',').map(str::trim).collect(),
            None => vec![statement],
        };
        for module in modules {
            let module = module.split([':', ' ', ',', '}']).next().unwrap();
            found.insert(module.to_owned());
        }
    }
    for path in text.split("crate::").skip(1) {
        let module: String =
            path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        found.insert(module);
    }
    found
}

#[test]
fn files_are_small() {
    let mut large = Vec::new();
    for path in library_sources() {
        let lines = fs::read_to_string(&path).unwrap().lines().filter(|line| is_code(line)).count();
        if lines > LINES_PER_FILE {
            large.push(format!("{}: {lines} lines of code", name(&path)));
        }
    }
    assert!(large.is_empty(), "over {LINES_PER_FILE} lines:\n{}", large.join("\n"));
}

#[test]
fn functions_are_small() {
    let mut large = Vec::new();
    for path in library_sources() {
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let head = line.trim_start();
            // A function has a name; the type of one has none.
            let mut words =
                head.split('(').next().unwrap().split(' ').skip_while(|word| *word != "fn");
            if head.starts_with("//") || words.nth(1).is_none() {
                continue;
            }
            // rustfmt closes a function at the depth it began.
            let indent = &line[..line.len() - head.len()];
            let end = format!("{indent}}}");
            let body = lines[start..].iter().take_while(|line| **line != end);
            let length = body.filter(|line| is_code(line)).count();
            let ended = lines[start..].contains(&end.as_str());
            if ended && length > LINES_PER_FUNCTION && !head.ends_with(';') {
                large.push(format!("{}:{}: {length} lines", name(&path), start + 1));
            }
        }
    }
    assert!(large.is_empty(), "over {LINES_PER_FUNCTION} lines:\n{}", large.join("\n"));
}

#[test]
fn policies_do_not_know_each_other() {
    for policy in policies() {
        for path in sources(&format!("failsafe-runtime/src/{policy}")) {
            let imports = imports(&fs::read_to_string(&path).unwrap());
            for other in policies().filter(|other| *other != policy) {
                assert!(!imports.contains(other), "{} imports `{other}`", name(&path));
            }
        }
    }
}

#[test]
fn what_policies_stand_on_does_not_know_them() {
    // The crate root and `__rt`, which it is for, name everything.
    let above = ["failsafe-runtime/src/lib.rs", "failsafe-runtime/src/__rt.rs"];
    for path in sources("failsafe-runtime/src") {
        let file = name(&path);
        let in_policy = policies().any(|policy| file.contains(&format!("src/{policy}/")));
        if in_policy || above.contains(&file.as_str()) {
            continue;
        }
        let imports = imports(&fs::read_to_string(&path).unwrap());
        for policy in policies() {
            assert!(!imports.contains(policy), "{file} imports `{policy}`");
        }
    }
}

#[test]
fn decisions_are_pure() {
    for path in sources("failsafe-runtime/src") {
        let file = name(&path);
        if !file.ends_with("/core.rs") && !file.ends_with("/window.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for impure in
            ["Mutex", "async ", "await", "Instant", "clock::", "events", "chance::", "println"]
        {
            assert!(
                !text.contains(impure),
                "{file} has `{impure}`: a decision takes it as an argument"
            );
        }
    }
}

#[test]
fn crates_import_downwards() {
    for (folder, forbidden) in [
        ("failsafe-config/src", &["failsafe_runtime", "failsafe_macros"][..]),
        ("failsafe-runtime/src", &["failsafe_macros"][..]),
        ("failsafe-macros/src", &["failsafe_runtime"][..]),
    ] {
        for path in sources(folder) {
            let text = fs::read_to_string(&path).unwrap();
            for name_of_crate in forbidden {
                assert!(!text.contains(name_of_crate), "{} names {name_of_crate}", name(&path));
            }
        }
    }
}

#[test]
fn phases_of_the_macros_import_downwards() {
    // Reading knows nothing of what comes after it; rendering cannot fail.
    for path in sources("failsafe-macros/src/read") {
        let imports = imports(&fs::read_to_string(&path).unwrap());
        assert!(!imports.contains("check") && !imports.contains("render"), "{}", name(&path));
    }
    for path in sources("failsafe-macros/src/check") {
        let imports = imports(&fs::read_to_string(&path).unwrap());
        assert!(!imports.contains("render"), "{}", name(&path));
    }
    for path in sources("failsafe-macros/src/render") {
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("-> Result<") && !text.contains("Errors"), "{}", name(&path));
    }
}

#[test]
fn a_policy_has_one_name_everywhere() {
    let attributes = fs::read_to_string(root().join("failsafe-macros/src/lib.rs")).unwrap();
    for policy in policies() {
        let places = [
            format!("failsafe-macros/docs/{policy}.md"),
            format!("failsafe-macros/src/render/{policy}.rs"),
            format!("failsafe-runtime/src/{policy}/mod.rs"),
            format!("ui-tests/cases/{policy}"),
        ];
        let table = format!("failsafe-config/src/{policy}");
        let table = ["", ".rs"].iter().any(|end| root().join(format!("{table}{end}")).exists());
        assert!(table, "{policy} has no configuration");
        for place in places {
            assert!(root().join(&place).exists(), "{policy} has no {place}");
        }
        assert!(
            attributes.contains(&format!("pub fn {policy}(")),
            "there is no attribute {policy}"
        );
    }
}

/// A folder with a guard, its own or that of all, is a policy, and has to be in the list of tables, from
/// which all else is taken.
#[test]
fn every_policy_has_a_table() {
    let folders = fs::read_dir(root().join("failsafe-runtime/src")).unwrap();
    let folders = folders.map(|folder| folder.unwrap().path());
    let guards = |folder: &Path| {
        let page = fs::read_to_string(folder.join("mod.rs")).unwrap_or_default();
        folder.join("guard.rs").exists() || page.contains("\nguard!(")
    };
    let of_policies = folders.filter(|folder| guards(folder));
    let names = of_policies.map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned());
    let names: BTreeSet<_> = names.collect();
    assert_eq!(names, policies().map(str::to_owned).collect(), "failsafe_config::policies()");
}

/// The macros judge the kinds that conditions name by the tables; the runtime has them as an enum.
#[test]
fn every_kind_of_rejection_is_in_a_table() {
    let text = fs::read_to_string(root().join("failsafe-runtime/src/rejected.rs")).unwrap();
    let (_, variants) = text.split_once("pub enum Kind {\n").unwrap();
    let (variants, _) = variants.split_once('}').unwrap();
    let variants = variants.lines().filter(|line| is_code(line));
    let variants: BTreeSet<_> = variants.map(|line| line.trim().trim_end_matches(',')).collect();
    assert_eq!(variants, failsafe::config::kinds().collect(), "failsafe_config::kinds()");
}

/// A file that no `mod` names is not compiled, and nobody would miss its tests.
#[test]
fn every_file_of_tests_is_run() {
    for tests in ["behaviour", "forms", "settings", "signatures", "watch"] {
        let files = fs::read_dir(root().join("tests").join(tests)).unwrap();
        let text = fs::read_to_string(root().join(format!("tests/{tests}.rs"))).unwrap();
        for file in files.map(|file| file.unwrap().path()) {
            let module = file.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(text.contains(&format!("mod {module};")), "{} is not compiled", name(&file));
        }
    }
}

/// The files in a folder, or the one of that name.
fn files(place: &str) -> usize {
    let path = root().join(place);
    if !path.is_dir() {
        return usize::from(path.exists());
    }
    let entries = fs::read_dir(&path).unwrap();
    entries.map(|entry| files(&name(&entry.unwrap().path()))).sum()
}

#[test]
fn a_policy_is_few_files() {
    for policy in policies() {
        let own: usize = [
            format!("failsafe-config/src/{policy}"),
            format!("failsafe-config/src/{policy}.rs"),
            format!("failsafe-runtime/src/{policy}"),
            format!("failsafe-runtime/src/{policy}.rs"),
            format!("failsafe-macros/src/render/{policy}"),
            format!("failsafe-macros/src/render/{policy}.rs"),
            format!("failsafe-macros/docs/{policy}.md"),
        ]
        .iter()
        .map(|place| files(place))
        .sum();
        let larger = LARGER.iter().any(|(larger, _)| *larger == policy);
        // A policy that has come down to it is held to it from then on.
        assert_eq!(own > FILES_PER_POLICY, larger, "{policy} has {own} files of its own");
    }
}

#[test]
fn no_module_is_a_drawer() {
    for path in library_sources() {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(!["util", "utils", "common", "helpers", "misc"].contains(&stem.as_str()), "{stem}");
    }
}
