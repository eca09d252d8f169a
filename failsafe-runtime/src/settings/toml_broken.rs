//! TOML with errors in it: each is told once, and hides no more than it must.
//!
//! Where a bracket or a quote is missing, the reader of TOML takes all that follows for a part of the
//! value, and tells an error for each line of it. Here the text is cut into its headers and its pairs
//! of key and value, and those that cannot be read alone are taken out before the rest is read.

use super::read_stacks::STACKS;
use super::rule;
use super::tree::Unreadable;
use std::ops::Range;
use toml::de::DeTable;

/// A header, or a key with its value, which can take several lines.
#[derive(Debug)]
struct Chunk {
    at: Range<usize>,
    is_header: bool,
    /// Whether it begins as what it is; otherwise it may be the rest of what is broken above.
    begins: bool,
}

/// A text with errors in it.
pub(super) struct Broken {
    /// What can be read of it, at the same places.
    pub(super) rest: String,
    /// What cannot be read.
    pub(super) unreadable: Vec<Unreadable>,
    /// Where each header begins, and whether its section may define stacks.
    sections: Vec<(usize, bool)>,
}

impl Broken {
    /// What is wrong although each part of it can be read.
    pub(super) fn of_rest(&self, at: usize, message: String) -> Unreadable {
        let above = self.sections.partition_point(|(header, _)| *header <= at);
        let section = above.checked_sub(1).map(|above| self.sections[above]);
        let is_last = at >= self.rest.trim_end().len();
        let hides_stacks = is_last || section.is_none_or(|(_, may_be_stacks)| may_be_stacks);
        Unreadable { hides_stacks, ..Unreadable::new(at, message) }
    }
}

/// What can be read of a text, and what cannot.
pub(super) fn read_around(text: &str) -> Broken {
    let mut rest = text.as_bytes().to_vec();
    let mut unreadable = Vec::new();
    let mut section = Section::default();
    let chunks = chunks(text);
    for (place, chunk) in chunks.iter().enumerate() {
        if chunk.is_header && chunk.begins {
            section.is_lost = false;
        }
        if section.is_lost {
            hide(&mut rest, chunk.at.clone());
            continue;
        }
        let written = &text[chunk.at.clone()];
        let Some((at, message)) = fault(written) else {
            if chunk.is_header {
                section.header = Some(chunk.at.start);
            }
            section.follows_broken = false;
            continue;
        };
        hide(&mut rest, chunk.at.clone());
        if section.follows_broken && !chunk.begins {
            // It is the rest of that.
            section.is_lost = true;
            continue;
        }
        section.follows_broken = true;
        let is_last = place + 1 == chunks.len();
        let key = |at: usize| first_key(&text[at..]);
        let of_stacks = section.header.filter(|at| may_be_stacks(key(*at)));
        let is_in_stacks = of_stacks.is_some() || section.header.is_none();
        let may_be_header = chunk.is_header || !chunk.begins;
        let is_of_stacks = may_be_header && may_be_stacks(key(chunk.at.start));
        let hides_stacks = is_last || is_in_stacks || is_of_stacks;
        let fault = Unreadable::new(chunk.at.start + at, message);
        unreadable.push(Unreadable { section: of_stacks, hides_stacks, ..fault });
        if may_be_header {
            // To whom the rest belongs is not known.
            section.is_lost = true;
            // What is not a pair may be the end of the one above.
            let above = place.checked_sub(1).map(|place| &chunks[place]);
            if let Some(above) = above.filter(|above| !chunk.is_header && !above.is_header) {
                hide(&mut rest, above.at.clone());
            }
        }
    }
    let headers = chunks.iter().filter(|chunk| chunk.is_header).map(|chunk| chunk.at.start);
    let sections = headers.map(|at| (at, may_be_stacks(first_key(&text[at..])))).collect();
    Broken { rest: String::from_utf8_lossy(&rest).into_owned(), unreadable, sections }
}

/// The section that is read.
#[derive(Debug, Default)]
struct Section {
    /// Where the last header begins that can be read.
    header: Option<usize>,
    /// Whether what is above cannot be read.
    follows_broken: bool,
    /// Whether the rest of it cannot be told apart.
    is_lost: bool,
}

/// Whether a section of this key may define stacks.
fn may_be_stacks(key: &str) -> bool {
    key == STACKS || rule::kind(key).is_err()
}

/// The first thing that cannot be read of it.
fn fault(text: &str) -> Option<(usize, String)> {
    let (_, errors) = DeTable::parse_recoverable(text);
    let errors = errors.into_iter().map(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.trim_end().len());
        (at, message(&error))
    });
    errors.min_by_key(|(at, _)| *at)
}

pub(super) fn message(error: &toml::de::Error) -> String {
    error.message().lines().collect::<Vec<_>>().join(", ")
}

/// Writes spaces over a part, so that the rest stays in its place.
fn hide(text: &mut [u8], part: Range<usize>) {
    for byte in text[part].iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

/// The first part of the first key in a text.
fn first_key(text: &str) -> &str {
    let text = text.trim_start_matches(|each| !is_of_key(each));
    &text[..text.find(|each| !is_of_key(each)).unwrap_or(text.len())]
}

/// Whether a key without quotes can have this character.
fn is_of_key(each: char) -> bool {
    each.is_alphanumeric() || matches!(each, '_' | '-')
}

fn chunks(text: &str) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut nesting = Nesting::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (from, shown) = (at, line.trim());
        at += line.len();
        let is_header = is_header(shown, nesting.is_open());
        if !is_header && nesting.is_open() {
            if let Some(open) = chunks.last_mut() {
                open.at.end = at;
            }
            nesting.read(line);
            continue;
        }
        nesting = Nesting::default();
        if shown.is_empty() || shown.starts_with('#') {
            continue;
        }
        let begins = if is_header { shown.starts_with('[') } else { has_key(shown) };
        chunks.push(Chunk { at: from..at, is_header, begins });
        if !is_header {
            nesting.read(line);
        }
        if let Some(chunk) = chunks.last_mut().filter(|_| nesting.closes) {
            // What it closes is open above.
            chunk.begins = false;
        }
    }
    chunks
}

/// Whether a line is the header of a section, maybe without one of its brackets. Inside a value that is
/// still open it is where that should have ended.
fn is_header(line: &str, in_value: bool) -> bool {
    let line = line.split('#').next().unwrap_or_default().trim_end();
    let key = line.trim_start_matches('[');
    let begins = |each| is_of_key(each) || matches!(each, '"' | '\'');
    // What has one of these is a value.
    if !key.trim_start().starts_with(begins) || key.contains([',', '{', '}', '=']) {
        return false;
    }
    let lacks_bracket = || line.ends_with(']') && !key.contains('[') && !has_key(line);
    line.starts_with('[') || !in_value && lacks_bracket()
}

/// Whether a line begins with a key and its `=`.
fn has_key(line: &str) -> bool {
    if line.starts_with('=') {
        return false;
    }
    let mut quote = None;
    for each in line.chars() {
        match (quote, each) {
            (Some(open), close) if open != close => {}
            (Some(_), _) => quote = None,
            (None, '"' | '\'') => quote = Some(each),
            (None, '=') => return true,
            (None, each) if is_of_key(each) || matches!(each, '.' | ' ' | '\t') => {}
            (None, _) => return false,
        }
    }
    false
}

/// How many brackets are open, and which string of several lines.
#[derive(Debug, Default)]
struct Nesting {
    depth: usize,
    /// Whether more were closed than opened.
    closes: bool,
    string: Option<&'static str>,
}

impl Nesting {
    const fn is_open(&self) -> bool {
        self.depth > 0 || self.string.is_some()
    }

    fn read(&mut self, line: &str) {
        let mut rest = line;
        while !rest.is_empty() {
            rest = self.step(rest);
        }
    }

    /// Reads what a text begins with, and returns what is behind it.
    fn step<'a>(&mut self, text: &'a str) -> &'a str {
        if let Some(quotes) = self.string {
            let Some(end) = text.find(quotes) else { return "" };
            self.string = None;
            return &text[end + quotes.len()..];
        }
        for quotes in ["\"\"\"", "'''"] {
            if let Some(inside) = text.strip_prefix(quotes) {
                self.string = Some(quotes);
                return inside;
            }
        }
        let mut each = text.chars();
        match each.next() {
            Some('#') => return "",
            Some('[' | '{') => self.depth += 1,
            Some(']' | '}') if self.depth == 0 => self.closes = true,
            Some(']' | '}') => self.depth -= 1,
            Some(quote @ ('"' | '\'')) => return behind_string(each.as_str(), quote),
            _ => {}
        }
        each.as_str()
    }
}

/// What is behind a string of one line, whose quote has been read.
fn behind_string(text: &str, quote: char) -> &str {
    let mut each = text.chars();
    while let Some(next) = each.next() {
        if next == quote {
            return each.as_str();
        }
        if next == '\\' && quote == '"' {
            each.next();
        }
    }
    ""
}
