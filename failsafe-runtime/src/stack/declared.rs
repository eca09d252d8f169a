//! Declarations that are made when the program runs, for the policies that stacks define.

use crate::site::Declaration;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Every policy that settings ever defined, by kind and name: it has one declaration, and so one state,
/// whatever becomes of the file between.
static ALL: Mutex<BTreeMap<(&'static str, String), &'static Declaration>> =
    Mutex::new(BTreeMap::new());

/// The declaration of a policy that settings define.
pub(crate) fn declaration(policy: &'static str, name: &str) -> &'static Declaration {
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    all.entry((policy, name.to_owned())).or_insert_with(|| {
        let name = Box::leak(name.to_owned().into_boxed_str());
        Box::leak(Box::new(Declaration::defined(policy, name)))
    })
}
