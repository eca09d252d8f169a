//! Where a name finds the stack that is in force. A call reads one number, and takes no lock.

use super::layer::Layer;
use crate::defined::DefinedStack;
use crate::flip::{Flip, Word};
use crate::grown::Grown;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The policies of every stack that was ever in force, each list once: calls that run in one keep it,
/// whatever is in force meanwhile.
static LISTS: Grown<Box<[Layer]>> = Grown::new();

/// The place of one name.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) name: &'static str,
    /// The number of the list in force. It changes together with what policies are told.
    list: Word,
    /// How many handles there are, and how many of them make blocking calls. Changed under the lock.
    handles: AtomicUsize,
    blocking: AtomicUsize,
}

impl Slot {
    /// The policies in force, outermost first.
    #[inline]
    pub(super) fn layers(&self) -> &'static [Layer] {
        LISTS.at(self.list.get()).map_or(&[], |list| list)
    }
}

/// The stacks by name.
#[derive(Debug)]
pub(crate) struct Slots {
    by_name: BTreeMap<&'static str, &'static Slot>,
    /// Those that the settings in force define.
    defined: BTreeSet<&'static str>,
    /// The numbers of the lists, by the policies in them.
    numbers: BTreeMap<Vec<(&'static str, &'static str)>, u32>,
}

static SLOTS: Mutex<Slots> = Mutex::new(Slots {
    by_name: BTreeMap::new(),
    defined: BTreeSet::new(),
    numbers: BTreeMap::new(),
});

/// Locks the names, so that no handle is made before what is found holds.
pub(crate) fn slots() -> MutexGuard<'static, Slots> {
    SLOTS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slots {
    pub(super) fn find(&self, name: &str) -> Option<&'static Slot> {
        self.defined.get(name).and_then(|name| self.by_name.get(name).copied())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.defined.iter().copied()
    }

    /// The names that the program has a handle of, and whether it makes blocking calls.
    pub(crate) fn used(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let slots = self.by_name.values();
        let used = slots.filter(|slot| slot.handles.load(Ordering::Relaxed) > 0);
        used.map(|slot| (slot.name, slot.blocking.load(Ordering::Relaxed) > 0))
    }

    /// The name, to be kept for good.
    pub(crate) fn name(&mut self, name: &str) -> &'static str {
        if let Some((name, _)) = self.by_name.get_key_value(name) {
            return name;
        }
        let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
        let (handles, blocking) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let slot = Slot { name, list: Word::untouched(), handles, blocking };
        self.by_name.insert(name, Box::leak(Box::new(slot)));
        name
    }

    /// Puts stacks in force with a change: for the calls that begin when it is made. A stack that is not
    /// among them stays as it was for those that hold it, and is found no more.
    pub(crate) fn publish(&mut self, stacks: &[DefinedStack], flip: &mut Flip) {
        self.defined = stacks.iter().map(|stack| stack.name).collect();
        for stack in stacks {
            let number = self.number(stack);
            let slot = self.by_name.get(stack.name).copied();
            if let Some((slot, number)) = slot.zip(number) {
                flip.add(&slot.list, number);
            }
        }
    }

    fn number(&mut self, stack: &DefinedStack) -> Option<u32> {
        let declarations = stack.members.iter().map(|member| member.declaration);
        let key = declarations.clone().map(|one| (one.policy(), one.name())).collect();
        if let Some(number) = self.numbers.get(&key) {
            return Some(*number);
        }
        let number =
            LISTS.add(self.numbers.len(), || declarations.filter_map(Layer::of).collect())?;
        self.numbers.insert(key, number);
        Some(number)
    }
}

/// One of those that run code under a stack; while there is one, settings must define it.
#[derive(Debug)]
pub(super) struct Handle {
    pub(super) slot: &'static Slot,
    is_blocking: bool,
}

impl Handle {
    /// Counts one more; the lock shows that settings do not change meanwhile.
    pub(super) fn new(slot: &'static Slot, is_blocking: bool, _slots: &Slots) -> Self {
        slot.handles.fetch_add(1, Ordering::Relaxed);
        slot.blocking.fetch_add(usize::from(is_blocking), Ordering::Relaxed);
        Self { slot, is_blocking }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.slot.handles.fetch_sub(1, Ordering::Relaxed);
        self.slot.blocking.fetch_sub(usize::from(self.is_blocking), Ordering::Relaxed);
    }
}
