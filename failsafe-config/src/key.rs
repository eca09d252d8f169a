//! The options that bound the instances of a `key`: the same for every policy that can have one.

use crate::spec::{OptionSpec, Shape};

/// A rule of a table: an option, what it needs beside it, and why.
type Requirement = (&'static str, &'static [&'static str], &'static str);

pub(crate) const MAX_KEYS: OptionSpec =
    OptionSpec::call("max_keys", Shape::Expression, "1000", "The most keys kept; default 1000.");

pub(crate) const KEY_IDLE: OptionSpec = OptionSpec::call(
    "key_idle",
    Shape::Expression,
    "\"10m\"",
    "How long an unused key is kept; default 10 minutes.",
);

pub(crate) const MAX_KEYS_NEEDS_KEY: Requirement = (
    "max_keys",
    &["key"],
    "`max_keys` bounds the instances of a `key`, and there is none: add `key` or remove it",
);

pub(crate) const KEY_IDLE_NEEDS_KEY: Requirement = (
    "key_idle",
    &["key"],
    "`key_idle` evicts instances of a `key`, and there is none: add `key` or remove it",
);
