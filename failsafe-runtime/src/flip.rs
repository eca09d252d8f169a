//! Words that are read without a lock, and that change together in one step.
//!
//! A [`Word`] has two halves. Which one is in force says the lowest bit of one number, the same for all
//! words; while nothing changes, both halves are the same, and nobody looks at that number. A [`Flip`]
//! writes the half that is not in force of every word that is to change, then counts the number up, by
//! which all of them change, then writes the other halves.
//!
//! Why nobody sees one word as it was before a change after another one as it is since, however memory
//! is ordered. Let the changes be numbered by the count that they make. Each read can be said to be of
//! one number at the least, and of one at the most:
//!
//! - Both halves are the same. They were written by the end of a change (or never, which is number 0):
//!   that is the least. The most is the number before the next change of this word.
//! - They differ. Then the half is taken that goes with a count which is the same before and after the
//!   load of the halves, and the read is of that number. The half is the right one: the first load of
//!   the count acquires everything that was written before that change was made, so the halves are
//!   not older than that. Nor are they newer: who writes into the half in force makes the next change
//!   first, so a load that acquires such a half is followed by one that sees another count.
//!
//! Now let one read come after another one, in the order of a thread or of what threads tell each other,
//! and let the least of the first be `n`. That read has acquired what was written after change `n` was
//! made. If the second one were of less than `n` at the most, its word would have changed by change `n`
//! or before it. But what announced that change in the word was written before it was made, and so
//! the second read cannot find the word as it was before that; and it finds a count of `n` or more. So
//! every read is of a number that is not less than those of the reads before it, and as a call makes its
//! reads one after the other, it is never sent back to what was in force before.
//!
//! A word that was never told anything is zero, which is one relaxed load to know: of the two cases it is
//! the first with the number 0, and there is nothing to acquire. That is why a word that has changed
//! must never become zero again.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many changes were made. The lowest bit says which half of every word is in force.
static CHANGES: AtomicU32 = AtomicU32::new(0);

/// Whoever makes a change.
static CHANGING: Mutex<()> = Mutex::new(());

/// A number that changes together with others; zero until it changes, and never again.
#[derive(Debug)]
pub(crate) struct Word(AtomicU64);

/// The half of a word that is in force after so many changes.
const fn half(halves: u64, changes: u32) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "it is a half")]
    {
        (halves >> shift(changes)) as u32
    }
}

const fn shift(changes: u32) -> u32 {
    (changes & 1) * u32::BITS
}

impl Word {
    pub(crate) const fn untouched() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Whether it was never told anything, and is not about to be.
    #[inline]
    pub(crate) fn is_untouched(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// The number in force.
    #[inline]
    pub(crate) fn get(&self) -> u32 {
        let halves = self.0.load(Ordering::Acquire);
        if half(halves, 0) == half(halves, 1) { half(halves, 0) } else { self.get_while_changing() }
    }

    /// It waits for nobody: another round is needed only when another change was made meanwhile.
    #[cold]
    #[inline(never)]
    fn get_while_changing(&self) -> u32 {
        loop {
            let changes = CHANGES.load(Ordering::Acquire);
            let halves = self.0.load(Ordering::Acquire);
            if CHANGES.load(Ordering::Relaxed) == changes {
                return half(halves, changes);
            }
        }
    }

    /// Writes the half that will be in force after so many changes, which is not the one that is now.
    fn write(&self, changes: u32, number: u32) {
        let halves = self.0.load(Ordering::Relaxed);
        let other = halves & !(u64::from(u32::MAX) << shift(changes));
        self.0.store(other | u64::from(number) << shift(changes), Ordering::Release);
    }
}

/// A change of several words, which is made in one step or not at all. There is one at a time.
#[must_use = "nothing changes until it is made"]
pub(crate) struct Flip {
    words: Vec<(&'static Word, u32)>,
    _alone: MutexGuard<'static, ()>,
}

impl Flip {
    /// Nothing yet. It waits until no other change is prepared.
    pub(crate) fn begin() -> Self {
        let alone = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        Self { words: Vec::new(), _alone: alone }
    }

    /// Adds a word, and whether its number is another one then.
    pub(crate) fn add(&mut self, word: &'static Word, number: u32) -> bool {
        debug_assert_ne!(number, 0, "that is a word that was never told anything");
        let changes = word.get() != number;
        if changes {
            self.words.push((word, number));
        }
        changes
    }

    /// Makes the change.
    pub(crate) fn make(self) {
        let now = CHANGES.load(Ordering::Relaxed);
        let next = now.wrapping_add(1);
        for (word, number) in &self.words {
            word.write(next, *number);
        }
        CHANGES.store(next, Ordering::Release);
        for (word, number) in &self.words {
            word.write(now, *number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flip, Word};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    /// Tells all words the same number.
    fn tell(words: &[&'static Word], number: u32) {
        let mut flip = Flip::begin();
        for word in words {
            assert!(flip.add(word, number), "{number} is another number");
        }
        flip.make();
    }

    #[test]
    fn a_change_is_made_or_not() {
        static WORDS: [Word; 2] = [Word::untouched(), Word::untouched()];
        let [one, other] = &WORDS;
        let mut flip = Flip::begin();
        assert!(flip.add(one, 7) && flip.add(other, 8));
        assert_eq!([one.get(), other.get()], [0, 0]);
        // It came to nothing.
        drop(flip);
        assert!(one.is_untouched());
        tell(&[one, other], 9);
        assert_eq!([one.get(), other.get()], [9, 9]);
        let mut flip = Flip::begin();
        assert!(!flip.add(one, 9), "it is the same");
        assert!(flip.add(other, 1));
        flip.make();
        assert_eq!([one.get(), other.get()], [9, 1]);
        assert!(!one.is_untouched());
    }

    /// Each of the readers sees the numbers of the two rise, whichever it looks at.
    #[test]
    fn words_change_together() {
        static WORDS: [Word; 2] = [Word::untouched(), Word::untouched()];
        static DONE: AtomicBool = AtomicBool::new(false);
        let read = || {
            let (mut least, mut seen) = (0, 0_u32);
            for word in WORDS.iter().cycle() {
                let number = word.get();
                assert!(number >= least, "{number} after {least}");
                seen += u32::from(number != least);
                least = number;
                if DONE.load(Ordering::Relaxed) {
                    return seen;
                }
            }
            seen
        };
        let readers: Vec<_> = (0..3).map(|_| thread::spawn(read)).collect();
        let [one, other] = &WORDS;
        for number in 1..=200_000 {
            tell(&[one, other], number);
        }
        DONE.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().expect("it sees them rise") > 0);
        }
    }

    /// Back and forth between two numbers, of which one is the number of the count too: what is read
    /// twice between two looks at the other word says what that was.
    #[test]
    fn words_change_back_and_forth() {
        static WORDS: [Word; 3] = [Word::untouched(), Word::untouched(), Word::untouched()];
        static DONE: AtomicBool = AtomicBool::new(false);
        let [count, one, other] = &WORDS;
        tell(&[count, one, other], 1);
        let read = || {
            while !DONE.load(Ordering::Relaxed) {
                let (before, values, after) = (count.get(), [one.get(), other.get()], count.get());
                if before == after {
                    assert_eq!(values, [before % 2 + 1; 2], "of {before}");
                }
            }
        };
        tell(&[count], 2);
        let readers: Vec<_> = (0..3).map(|_| thread::spawn(read)).collect();
        for number in 3..=200_000 {
            let mut flip = Flip::begin();
            let all = [flip.add(count, number), flip.add(one, number % 2 + 1)];
            assert_eq!((all, flip.add(other, number % 2 + 1)), ([true; 2], true));
            flip.make();
        }
        DONE.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("they go together");
        }
    }
}
