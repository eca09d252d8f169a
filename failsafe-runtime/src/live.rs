//! What a declaration is told at run time: one word beside it, which is all that a call reads, and
//! the configurations that the word can point to.

use crate::flip::{Flip, Word};
use crate::grown::Grown;
use failsafe_config::{PolicyConfig, Value};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Whether a policy acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It acts.
    On,
    /// It decides and tells what it decided, but calls go on as if it were not there.
    Observe,
    /// It is not there.
    Off,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::On => "on",
            Self::Observe => "observe",
            Self::Off => "off",
        })
    }
}

/// What a declaration is told: its mode in the lowest two bits, and above them the number of its
/// configuration. It changes together with those of all others.
pub(crate) struct Live(Word);

/// What a declaration is told of which everything holds that is written.
const AS_WRITTEN: u32 = 1;

impl Live {
    pub(crate) const fn untouched() -> Self {
        Self(Word::untouched())
    }

    /// Whether it was never told anything; one relaxed load.
    #[inline]
    pub(crate) fn is_untouched(&self) -> bool {
        self.0.is_untouched()
    }

    #[inline]
    pub(crate) fn mode(&self) -> Mode {
        if self.0.is_untouched() { Mode::On } else { self.told_mode() }
    }

    #[cold]
    #[inline(never)]
    fn told_mode(&self) -> Mode {
        self.both().0
    }

    /// The configuration it was told, if it was.
    pub(crate) fn told(&self) -> Option<&'static Told> {
        told(self.both().1)
    }

    /// The mode, and the number of the configuration it was told; 0, if it was told none.
    #[inline]
    pub(crate) fn both(&self) -> (Mode, u32) {
        let word = self.0.get();
        let mode = match word & 3 {
            0 | 1 => Mode::On,
            2 => Mode::Observe,
            _ => Mode::Off,
        };
        (mode, word >> 2)
    }

    /// Tells it, as soon as the change is made, and whether its mode or its configuration is another
    /// one then.
    pub(crate) fn tell(&'static self, flip: &mut Flip, mode: Mode, told: Option<Number>) -> bool {
        let mode = match mode {
            Mode::On => 1,
            Mode::Observe => 2,
            Mode::Off => 3,
        };
        let word = told.map_or(0, |number| number.0) << 2 | mode;
        let stays = word == AS_WRITTEN && self.is_untouched();
        !stays && flip.add(&self.0, word)
    }
}

/// The configuration of this number.
pub(crate) fn told(number: u32) -> Option<&'static Told> {
    TABLE.at(number)
}

/// A configuration that declarations were told.
pub(crate) enum Told {
    /// The whole of it.
    Whole(Box<dyn PolicyConfig>),
    /// What differs from what is written, where that is known only in the function.
    Differences { changes: Vec<(&'static str, Value)>, variants: OnceLock<Box<Variant>> },
}

/// What the differences make of one written configuration.
pub(crate) struct Variant {
    written: Box<dyn PolicyConfig>,
    made: Box<dyn PolicyConfig>,
    next: OnceLock<Box<Self>>,
}

impl Told {
    /// The configuration in force where this one is written; that itself if it is of another policy.
    pub(crate) fn instead_of<'a, C: PolicyConfig + PartialEq>(
        &'static self,
        written: &'a C,
    ) -> &'a C {
        let told = match self {
            Self::Whole(config) => &**config,
            Self::Differences { changes, variants } => variant(changes, variants, written),
        };
        told.as_any().downcast_ref().unwrap_or(written)
    }
}

/// Found without a lock: the list only grows, by one for each type that the function is compiled for.
fn variant<C: PolicyConfig + PartialEq>(
    changes: &[(&'static str, Value)],
    variants: &'static OnceLock<Box<Variant>>,
    written: &C,
) -> &'static dyn PolicyConfig {
    let mut slot = variants;
    loop {
        let variant = slot.get_or_init(|| {
            let changes = changes.iter().map(|(option, value)| (*option, value));
            let made = changed(written, changes, true);
            Box::new(Variant { written: written.duplicate(), made, next: OnceLock::new() })
        });
        if variant.written.as_any().downcast_ref() == Some(written) {
            return &*variant.made;
        }
        slot = &variant.next;
    }
}

/// A configuration with some options changed. The values have been judged, but maybe not for this
/// one, which is known only in the function: what it cannot take is left out, and what code that was
/// compiled for it cannot do.
pub(crate) fn changed<'a>(
    written: &dyn PolicyConfig,
    changes: impl IntoIterator<Item = (&'static str, &'a Value)>,
    is_compiled: bool,
) -> Box<dyn PolicyConfig> {
    let mut config = written.duplicate();
    for (option, value) in changes {
        let mut next = config.duplicate();
        let is_set = next.set(option, value).is_ok();
        if is_set && (!is_compiled || written.replaced_by(&*next).is_ok()) {
            config = next;
        }
    }
    config
}

/// The place of a configuration in the table, from 1.
#[derive(Clone, Copy)]
pub(crate) struct Number(u32);

/// The configurations that were ever told, each once.
static TABLE: Grown<Told> = Grown::new();

/// The numbers, by what the configurations say.
static NUMBERS: Mutex<Option<HashMap<String, Number>>> = Mutex::new(None);

/// The number of a whole configuration.
pub(crate) fn whole(policy: &str, config: Box<dyn PolicyConfig>) -> Option<Number> {
    let says = format!("{policy}.{}", config.recipe().join("."));
    number(says, || Told::Whole(config))
}

/// The number of differences from what is written.
pub(crate) fn differences(policy: &str, changes: Vec<(&'static str, Value)>) -> Option<Number> {
    let says = format!("{policy}?{changes:?}");
    number(says, || Told::Differences { changes, variants: OnceLock::new() })
}

/// The number of what says this, made if it is new. Each is kept for good, so the memory is that of
/// all the different configurations ever told; none is left when a billion were.
fn number(says: String, make: impl FnOnce() -> Told) -> Option<Number> {
    let mut numbers = NUMBERS.lock().unwrap_or_else(PoisonError::into_inner);
    let numbers = numbers.get_or_insert_default();
    if let Some(number) = numbers.get(&says) {
        return Some(*number);
    }
    let number = Number(TABLE.add(numbers.len(), make)?);
    numbers.insert(says, number);
    Some(number)
}
