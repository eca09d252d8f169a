//! One file of the format, and the quirks it shows.

use super::differences::{Differences, Handling};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const QUIRKS: &str = "QUIRKS.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: u64,
    policy: String,
    name: String,
    #[serde(rename = "set")]
    _set: String,
    #[serde(rename = "seed")]
    _seed: u64,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    config: Value,
    steps: Vec<Step>,
}

/// One step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    i: usize,
    pub(crate) at_ns: u64,
    pub(crate) op: String,
    args: Map<String, Value>,
    pub(crate) expect: Map<String, Value>,
}

impl Step {
    /// The arguments of the operation; an unknown one is an error that names it.
    pub(crate) fn args<T: DeserializeOwned>(&self) -> Result<T, String> {
        parse("args", Value::Object(self.args.clone()))
    }
}

/// Reads a value into a type that knows all its fields.
pub(crate) fn parse<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("{what}: {error}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    first_step: usize,
    #[serde(rename = "steps")]
    _steps: usize,
}

type Quirks = BTreeMap<String, BTreeMap<String, Shown>>;

/// A file that is to be replayed.
pub(crate) struct VectorFile {
    pub(crate) policy: String,
    pub(crate) config: Value,
    pub(crate) steps: Vec<Step>,
    /// The quirks that have a row in the list of differences.
    quirks: Vec<(String, usize, Handling)>,
}

impl VectorFile {
    /// Reads a file below the root, with its quirks from the nearest list above it.
    pub(crate) fn read(path: &Path, root: &Path, known: &Differences) -> Result<Self, String> {
        let header: Header = read(path)?;
        let folder = path.parent().unwrap_or(root);
        let expected = (last(folder), path.file_stem().unwrap_or_default().to_string_lossy());
        if header.format != 1 {
            return Err(format!("unknown format {}", header.format));
        }
        if (header.policy.as_str(), header.name.as_str()) != (&*expected.0, &*expected.1) {
            return Err(format!("the file is policy `{}`, name `{}`", header.policy, header.name));
        }
        let misplaced = header.steps.iter().enumerate().find(|(index, step)| step.i != *index);
        if let Some((index, step)) = misplaced {
            return Err(format!("step {} is at place {index}", step.i));
        }
        let quirks = quirks(folder, root, &header, known)?;
        let Header { policy, config, steps, .. } = header;
        Ok(Self { policy, config, steps, quirks })
    }

    /// The quirks that show at this step or have shown before, and what is done about them.
    pub(crate) fn quirks_at(&self, step: usize) -> impl Iterator<Item = (&str, Handling)> {
        self.quirks
            .iter()
            .filter(move |(_, first, _)| *first <= step)
            .map(|(quirk, _, handling)| (quirk.as_str(), *handling))
    }

    /// The quirk that is handled so, wherever it shows first.
    pub(crate) fn quirk(&self, handling: Handling) -> Option<&str> {
        self.quirks.iter().find(|(.., other)| *other == handling).map(|(quirk, ..)| quirk.as_str())
    }
}

fn quirks(
    folder: &Path,
    root: &Path,
    header: &Header,
    known: &Differences,
) -> Result<Vec<(String, usize, Handling)>, String> {
    let mut all = match header.policy.as_str() {
        "composition" | "hedge" => known.of_every_stack(),
        "budget" => known.of_every_budget(),
        _ => Vec::new(),
    };
    let list = folder
        .ancestors()
        .skip(1)
        .take_while(|above| above.starts_with(root))
        .map(|above| above.join(QUIRKS))
        .find(|list| list.exists());
    let Some(list) = list else { return Ok(all) };
    let mut list: Quirks = read(&list)?;
    let shown = list.remove(&format!("{}/{}.json", header.policy, header.name));
    for (quirk, Shown { first_step, .. }) in shown.into_iter().flatten() {
        if let Some(handling) = known.handling(&quirk) {
            all.push((quirk, first_step, handling));
        }
    }
    Ok(all)
}

fn last(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// All files below a directory, in order.
pub(crate) fn find(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let wrong = |error| format!("{}: {error}", folder.display());
        for entry in fs::read_dir(&folder).map_err(wrong)? {
            let path = entry.map_err(wrong)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "json") && last(&path) != QUIRKS {
                found.push(path);
            }
        }
    }
    if found.is_empty() {
        return Err("there is no trace here".to_owned());
    }
    found.sort();
    Ok(found)
}
