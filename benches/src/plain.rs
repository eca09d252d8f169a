//! No policies: what is left of a call when nothing guards it.

use crate::case::{Case, Contender, Group};
use crate::op::{op, op_yields};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new(Group::Plain, Contender::Plain, op),
        Case::new(Group::PlainYield, Contender::Plain, op_yields),
    ]
}
