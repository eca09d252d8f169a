//! What a value is kept under: looked for as it was lent, and owned only by what has to be run for.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

/// What a cache keeps a value under: `u64`, `String`, or a tuple of such.
pub trait OwnedKey: Hash + Eq + Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<K: Hash + Eq + Clone + Send + Sync + 'static> OwnedKey for K {}

/// A type that `key = ..` can be of, or each part of a `key = (.., ..)`: it is looked for by
/// reference (`str`, `[u8]`, `u64`, an `enum` of yours), and what is kept is its owned form.
///
/// It is there for its message; derive `Hash`, `PartialEq`, `Eq` and `Clone` instead of implementing
/// it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key of a cache",
    label = "a key must be `Hash + Eq + Clone + Send + Sync` and own what it holds",
    note = "derive `Hash`, `PartialEq`, `Eq` and `Clone` for it, or write the part of it that the \
            value depends on: `key = user.id`"
)]
pub trait Key: Hash + Eq {
    /// The key as it is kept.
    type Owned: OwnedKey;

    /// Whether it is this one.
    fn is(&self, owned: &Self::Owned) -> bool;

    /// A copy to keep.
    fn own(&self) -> Self::Owned;
}

#[diagnostic::do_not_recommend]
impl<K: Hash + Eq + ToOwned<Owned: OwnedKey> + ?Sized> Key for K {
    type Owned = <K as ToOwned>::Owned;

    fn is(&self, owned: &Self::Owned) -> bool {
        *self == *Borrow::<Self>::borrow(owned)
    }

    fn own(&self) -> Self::Owned {
        self.to_owned()
    }
}

/// A key as it was lent.
#[doc(hidden)]
pub trait Lookup: Hash {
    /// The key as it is kept.
    type Owned: OwnedKey;

    /// Whether it is this one.
    fn is(&self, owned: &Self::Owned) -> bool;

    /// A copy to keep.
    fn own(&self) -> Self::Owned;
}

/// A key, or one part of it.
#[doc(hidden)]
#[derive(Debug, Hash)]
pub struct Part<'a, T: ?Sized>(pub &'a T);

impl<T: Key + ?Sized> Lookup for Part<'_, T> {
    type Owned = T::Owned;

    fn is(&self, owned: &T::Owned) -> bool {
        self.0.is(owned)
    }

    fn own(&self) -> T::Owned {
        self.0.own()
    }
}

macro_rules! tuple_lookup {
    ($first:ident $($rest:ident)*) => {
        impl<$first: Lookup, $($rest: Lookup),*> Lookup for ($first, $($rest,)*) {
            type Owned = ($first::Owned, $($rest::Owned,)*);

            #[allow(non_snake_case, reason = "the variables are named as the types")]
            fn is(&self, owned: &Self::Owned) -> bool {
                let ($first, $($rest,)*) = self;
                tuple_lookup!(@is owned $first $($rest)*)
            }

            #[allow(non_snake_case, reason = "the variables are named as the types")]
            fn own(&self) -> Self::Owned {
                let ($first, $($rest,)*) = self;
                ($first.own(), $($rest.own(),)*)
            }
        }

        tuple_lookup!($($rest)*);
    };
    () => {};
    (@is $owned:ident $($part:ident)*) => {{
        let own = $owned;
        tuple_lookup!(@each own $($part)*)
    }};
    (@each $own:ident $a:ident) => { $a.is(&$own.0) };
    (@each $own:ident $a:ident $b:ident) => { $a.is(&$own.0) && $b.is(&$own.1) };
    (@each $own:ident $a:ident $b:ident $c:ident) => {
        $a.is(&$own.0) && $b.is(&$own.1) && $c.is(&$own.2)
    };
    (@each $own:ident $a:ident $b:ident $c:ident $d:ident) => {
        $a.is(&$own.0) && $b.is(&$own.1) && $c.is(&$own.2) && $d.is(&$own.3)
    };
    (@each $own:ident $a:ident $b:ident $c:ident $d:ident $e:ident) => {
        $a.is(&$own.0) && $b.is(&$own.1) && $c.is(&$own.2) && $d.is(&$own.3) && $e.is(&$own.4)
    };
    (@each $own:ident $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident) => {
        $a.is(&$own.0) && $b.is(&$own.1) && $c.is(&$own.2) && $d.is(&$own.3) && $e.is(&$own.4)
            && $f.is(&$own.5)
    };
}

tuple_lookup!(A B C D E F);

/// A key with its hash, which is computed once for each call and under no lock.
#[derive(Debug)]
pub(super) struct Hashed<K> {
    pub(super) hash: u64,
    pub(super) key: K,
}

impl<K> Hash for Hashed<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<K: Eq> PartialEq for Hashed<K> {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.key == other.key
    }
}

impl<K: Eq> Eq for Hashed<K> {}

/// A key as it was lent, with its hash.
pub(super) struct Asked<'a, L> {
    pub(super) hash: u64,
    pub(super) lookup: &'a L,
}

impl<L: Lookup> Asked<'_, L> {
    pub(super) fn is(&self, key: &Hashed<L::Owned>) -> bool {
        self.hash == key.hash && self.lookup.is(&key.key)
    }
}

impl<L> Hash for Asked<'_, L> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Finds out, where generated code knows the type, what of an expression is the key: the first of
/// these traits that fits, from the most references to the fewest.
#[doc(hidden)]
#[derive(Debug)]
pub struct KeyProbe<'a, T: ?Sized>(pub &'a T);

/// `Option<&T>`, where `None` is no key.
#[doc(hidden)]
pub trait KeyOfOptionalReference<'a, T: ?Sized> {
    /// The key.
    fn key(&self) -> Option<Part<'a, T>>;
}

impl<'a, T: ?Sized> KeyOfOptionalReference<'a, T> for &&&&KeyProbe<'_, Option<&'a T>> {
    fn key(&self) -> Option<Part<'a, T>> {
        self.0.map(Part)
    }
}

/// `Option<T>`, where `None` is no key.
#[doc(hidden)]
pub trait KeyOfOption<'a, T> {
    /// The key.
    fn key(&self) -> Option<Part<'a, T>>;
}

impl<'a, T> KeyOfOption<'a, T> for &&&KeyProbe<'a, Option<T>> {
    fn key(&self) -> Option<Part<'a, T>> {
        self.0.as_ref().map(Part)
    }
}

/// `&&T`.
#[doc(hidden)]
pub trait KeyOfReferences<'a, T: ?Sized> {
    /// The key.
    fn key(&self) -> Option<Part<'a, T>>;

    /// The key as a part of one.
    fn part(&self) -> Part<'a, T>;
}

impl<'a, T: ?Sized> KeyOfReferences<'a, T> for &&KeyProbe<'_, &&'a T> {
    fn key(&self) -> Option<Part<'a, T>> {
        Some(Part(*self.0))
    }

    fn part(&self) -> Part<'a, T> {
        Part(*self.0)
    }
}

/// `&T`.
#[doc(hidden)]
pub trait KeyOfReference<'a, T: ?Sized> {
    /// The key.
    fn key(&self) -> Option<Part<'a, T>>;

    /// The key as a part of one.
    fn part(&self) -> Part<'a, T>;
}

impl<'a, T: ?Sized> KeyOfReference<'a, T> for &KeyProbe<'_, &'a T> {
    fn key(&self) -> Option<Part<'a, T>> {
        Some(Part(self.0))
    }

    fn part(&self) -> Part<'a, T> {
        Part(self.0)
    }
}

/// `T`.
#[doc(hidden)]
pub trait KeyOfValue<'a, T: ?Sized> {
    /// The key.
    fn key(&self) -> Option<Part<'a, T>>;

    /// The key as a part of one.
    fn part(&self) -> Part<'a, T>;
}

impl<'a, T: ?Sized> KeyOfValue<'a, T> for KeyProbe<'a, T> {
    fn key(&self) -> Option<Part<'a, T>> {
        Some(Part(self.0))
    }

    fn part(&self) -> Part<'a, T> {
        Part(self.0)
    }
}
