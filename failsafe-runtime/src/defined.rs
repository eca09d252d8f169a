//! Policies and stacks that settings define: known only when the program runs.

use crate::layer::Place;
use crate::site::Declaration;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Every policy that settings ever defined, by kind and name: it has one declaration, and so one state,
/// whatever becomes of the file between.
static ALL: Mutex<BTreeMap<(&'static str, String), &'static Declaration>> =
    Mutex::new(BTreeMap::new());

/// The declaration of a policy that settings define.
#[cfg(feature = "settings")]
pub(crate) fn declaration(policy: &'static str, name: &str) -> &'static Declaration {
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    all.entry((policy, name.to_owned())).or_insert_with(|| {
        let name = Box::leak(name.to_owned().into_boxed_str());
        Box::leak(Box::new(Declaration::defined(policy, name)))
    })
}

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
