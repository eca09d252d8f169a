//! Reading: what was written, without asking whether it can be meant.

mod args;
mod bound;
mod layer;
mod pattern;
mod value;

pub(crate) use args::{Content, span_of};
pub(crate) use layer::{Given, Layer, Name};
pub(crate) use value::literal;
