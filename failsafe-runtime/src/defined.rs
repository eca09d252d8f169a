//! Stacks that settings define: known only when the program runs.

use crate::layer::Place;
use crate::site::Declaration;

/// A stack that settings define.
#[derive(Debug, Clone)]
pub(crate) struct DefinedStack {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    /// Its policies, outermost first.
    pub(crate) members: Vec<Member>,
}

/// A policy in a stack that settings define.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) declaration: &'static Declaration,
    pub(crate) place: Place,
    /// Whether the stack defines it; otherwise it refers to it.
    pub(crate) is_own: bool,
}

impl DefinedStack {
    /// Those that it defines.
    pub(crate) fn own(&self) -> impl Iterator<Item = &Member> + Clone {
        self.members.iter().filter(|member| member.is_own)
    }
}
