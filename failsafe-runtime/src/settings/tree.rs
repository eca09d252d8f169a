//! A settings file as a tree whose keys and values know where they are.

use crate::layer::Place;
use failsafe_config::Value;
use std::sync::Arc;

/// A key with its value, and where both begin, in bytes.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) key: String,
    pub(super) key_at: usize,
    pub(super) value_at: usize,
    pub(super) node: Node,
}

/// What stands behind a key.
#[derive(Debug)]
pub(super) enum Node {
    Table(Vec<Item>),
    Value(Value),
    /// What no option takes, but a stack.
    Array(Vec<Element>),
    /// What nothing takes: a date, nothing.
    Other(&'static str),
}

/// One of an array, and where it begins, in bytes.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) at: usize,
    pub(super) node: Node,
}

/// Something that cannot be read.
#[derive(Debug, Clone)]
pub(super) struct Unreadable {
    pub(super) at: usize,
    pub(super) message: String,
    /// Where the section begins that is not whole without it, if that may define a stack.
    pub(super) section: Option<usize>,
    /// What is not whole because of it, from the inside out: what is wrong there may follow from it.
    pub(super) within: Vec<usize>,
    /// Whether that is all there is.
    pub(super) spoils_all: bool,
    /// Whether a stack may be defined in what is not read because of it.
    pub(super) hides_stacks: bool,
}

impl Unreadable {
    pub(super) const fn new(at: usize, message: String) -> Self {
        Self {
            at,
            message,
            section: None,
            within: Vec::new(),
            spoils_all: false,
            hides_stacks: false,
        }
    }

    pub(super) fn within(mut self, places: &[usize]) -> Self {
        self.within.extend(places);
        self
    }
}

/// A text that tells lines and columns.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) file: Arc<str>,
    pub(super) text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &str, text: &'a str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { file: file.into(), text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The place of a byte.
    pub(super) fn place(&self, at: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        let before = self.text.get(start..at).unwrap_or_default();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let column = number(before.chars().count() + 1);
        Place { file: Arc::clone(&self.file), line: number(line), column }
    }
}
