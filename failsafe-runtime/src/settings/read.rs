//! From the tree of a file to rules.

use super::fault::{Origin, SettingsFault};
use super::read_stacks::STACKS;
use super::rule::{self, Class, Rule, Target};
use super::stacks::Stacks;
use super::tree::{Item, Node, Source, Unreadable};
use super::{json_file, toml_file};
use crate::layer::Place;
use crate::overrides::shown;
use failsafe_config::PolicySpec;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// What has been read: rules, and faults.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) rules: Vec<Rule>,
    pub(super) stacks: Stacks,
    pub(super) faults: Vec<SettingsFault>,
    pub(super) unclear: Vec<Unclear>,
}

/// Of whom something was said that could not be read: their options are not judged together, because
/// what is missing may be there, misspelt.
pub(super) type Unclear = (&'static str, Target);

/// How a settings file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Toml,
    Json,
}

/// The largest settings file that is read.
const LARGEST: u64 = 1 << 20;

impl Format {
    fn of(path: &Path) -> Result<Self, String> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => Ok(Self::Toml),
            Some("json") => Ok(Self::Json),
            _ => Err("the name of a settings file ends in `.toml` or `.json`".to_owned()),
        }
    }
}

/// Reads a file whose name ends in `.toml` or `.json`.
pub(super) fn file(path: &Path, stacks: &Stacks) -> Reading {
    let name = path.display().to_string();
    match contents(path, &name) {
        Ok((format, contents)) => text(&name, &contents, format, stacks),
        Err(fault) => missing(fault),
    }
}

/// That of a file that cannot be read: what it says may be what others refer to, and what goes with
/// their options.
pub(super) fn missing(fault: SettingsFault) -> Reading {
    let mut reading = Reading::default();
    reading.stacks.lose_all();
    reading.unclear.extend(all_unclear());
    reading.faults.push(fault);
    reading
}

/// Every policy.
pub(super) fn all_unclear() -> impl Iterator<Item = Unclear> {
    failsafe_config::tables().map(|table| (table.name, Target::All))
}

/// The text of a file, which messages call by this name.
pub(super) fn contents(path: &Path, name: &str) -> Result<(Format, String), SettingsFault> {
    let wrong = |message| SettingsFault::new(&Origin::File(name.into()), message);
    let unreadable = |error| wrong(format!("it cannot be read: {error}"));
    let format = Format::of(path).map_err(wrong)?;
    // Asked before it is opened: to open a pipe is to wait for its writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(wrong("it cannot be read: it is no file".to_owned()));
    }
    let mut contents = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1).read_to_end(&mut contents).map_err(unreadable)?;
    if contents.len() as u64 > LARGEST {
        return Err(wrong("this is larger than 1 MiB, which no settings file is".to_owned()));
    }
    let contents = String::from_utf8(contents);
    Ok((format, contents.map_err(|_| wrong("it cannot be read: it is not UTF-8".to_owned()))?))
}

/// Reads a text, after settings that define these stacks.
pub(super) fn text(file: &str, text: &str, format: Format, stacks: &Stacks) -> Reading {
    let source = Source::new(file, text);
    let (items, unreadable) = match format {
        Format::Toml => toml_file::parse(text),
        Format::Json => json_file::parse(text),
    };
    let mut reader = Reader { source, reading: Reading::default(), known: stacks.clone() };
    if unreadable.iter().any(|one| one.hides_stacks) {
        reader.reading.stacks.lose_all();
    }
    // First, because sections can be about the policies that they define.
    items.iter().filter(|item| item.key == STACKS).for_each(|item| reader.stacks(item));
    let is_unknown = |item: &&Item| item.key != STACKS && rule::kind(&item.key).is_err();
    items.iter().filter(is_unknown).for_each(|item| reader.lose_stacks(item));
    reader.known.extend(reader.reading.stacks.clone());
    reader.items(&items);
    reader.unreadable(unreadable, format);
    reader.reading
}

pub(super) struct Reader<'a> {
    source: Source<'a>,
    pub(super) reading: Reading,
    /// The stacks of this file, and those of the settings before it.
    known: Stacks,
}

impl Reader<'_> {
    fn origin(&self, at: usize) -> Origin {
        Origin::Place(self.place(at))
    }

    pub(super) fn place(&self, at: usize) -> Place {
        self.source.place(at)
    }

    pub(super) fn fault(&mut self, at: usize, message: impl Into<String>) {
        let fault = SettingsFault::new(&self.origin(at), message);
        self.reading.faults.push(fault);
    }

    /// What cannot be read is told once: what was made of the rest of that line of TOML, or of what is
    /// not whole of JSON, is no fault.
    fn unreadable(&mut self, unreadable: Vec<Unreadable>, format: Format) {
        if !unreadable.is_empty() {
            self.reading.unclear.extend(all_unclear());
        }
        let (mut lines, mut places) = (BTreeSet::new(), BTreeSet::new());
        for one in &unreadable {
            if format == Format::Toml {
                lines.insert(self.place(one.at).line);
                // What a stack seems to lack may be what cannot be read of it.
                lines.extend(one.section.map(|at| self.place(at).line));
            }
            places.extend(one.within.iter().map(|at| self.place(*at)));
        }
        let spoils_all = unreadable.iter().any(|one| one.spoils_all);
        let follows =
            |place: &Place| spoils_all || lines.contains(&place.line) || places.contains(place);
        self.reading.faults.retain(|fault| !fault.place().is_some_and(follows));
        for Unreadable { at, message, .. } in unreadable {
            self.fault(at, message);
        }
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            // With it a JSON file names its schema.
            let is_schema = item.key == "$schema" && matches!(item.node, Node::Value(_));
            if is_schema || item.key == STACKS {
                continue;
            }
            match (rule::kind(&item.key), &item.node) {
                (Err(message), _) => {
                    // Any kind may be meant.
                    self.reading.unclear.extend(all_unclear());
                    self.fault(item.key_at, message);
                }
                (Ok(spec), Node::Table(inside)) => self.kind(spec, inside),
                (Ok(spec), _) => {
                    let policy = spec.name;
                    self.fault(
                        item.value_at,
                        format!("`{policy}` is a section: write `[{policy}]`"),
                    );
                }
            }
        }
    }

    /// The section of a kind: its options are for all, its tables for some or one.
    fn kind(&mut self, spec: &'static PolicySpec, items: &[Item]) {
        let is_section = |item: &&Item| matches!(item.node, Node::Table(_));
        let (sections, options): (Vec<_>, Vec<_>) = items.iter().partition(is_section);
        self.section(spec, &Target::All, &options);
        for item in sections {
            let Node::Table(inside) = &item.node else { continue };
            match rule::target(spec, &item.key, &self.known) {
                Ok(target) => self.section(spec, &target, &inside.iter().collect::<Vec<_>>()),
                Err(_) if rule::option(spec, &item.key).is_ok() => {
                    self.value(spec, &Target::All, item);
                }
                Err(message) => {
                    let dotted = inside.iter().find(is_section).map(|inner| {
                        let (outer, inner) = (shown(&item.key), shown(&inner.key));
                        format!("; a name with a dot is quoted: `\"{outer}.{inner}\"`")
                    });
                    // Any name may be meant.
                    self.reading.unclear.push((spec.name, Target::All));
                    self.fault(item.key_at, message + &dotted.unwrap_or_default());
                }
            }
        }
    }

    pub(super) fn section(&mut self, spec: &'static PolicySpec, target: &Target, items: &[&Item]) {
        let first = self.reading.rules.len();
        for item in items {
            self.value(spec, target, item);
        }
        let known = items.iter().filter_map(|item| {
            let option = rule::option(spec, &item.key).ok()?;
            Some((option, self.origin(item.key_at)))
        });
        let known: Vec<_> = known.collect();
        let mut faults = rule::exclusions(spec, &known);
        faults.extend(rule::contradiction(&self.reading.rules[first..]));
        if !faults.is_empty() {
            self.reading.unclear.push((spec.name, target.clone()));
        }
        self.reading.faults.extend(faults);
    }

    fn value(&mut self, spec: &'static PolicySpec, target: &Target, item: &Item) {
        let faults = self.reading.faults.len();
        match (rule::option(spec, &item.key), &item.node) {
            (Err(message), node) => {
                let is_policy = *target == Target::All
                    && !matches!(node, Node::Table(_))
                    && rule::target(spec, &item.key, &self.known).is_ok();
                let key = shown(&item.key);
                let message = if is_policy {
                    format!("`{key}` is a policy: write a section `[{}.{key}]`", spec.name)
                } else {
                    message
                };
                self.fault(item.key_at, message);
            }
            (Ok(option), Node::Value(value)) => match rule::judge(spec, option, value) {
                Ok(()) => {
                    let origin = self.origin(item.key_at);
                    let (target, value) = (target.clone(), value.clone());
                    let class = Class::File;
                    self.reading.rules.push(Rule { spec, target, class, option, value, origin });
                }
                Err(message) => self.fault(item.value_at, message),
            },
            (Ok(option), other) => {
                let found = match other {
                    Node::Other(what) => what,
                    Node::Array(_) => "an array",
                    _ => "a table",
                };
                let example = spec.option(option).map_or("true", |option| option.example);
                let message =
                    format!("`{option}` takes one value, such as {example}; found {found}");
                self.fault(item.value_at, message);
            }
        }
        if self.reading.faults.len() > faults {
            self.reading.unclear.push((spec.name, target.clone()));
        }
    }
}
