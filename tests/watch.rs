//! Settings that follow their files while the program runs.
//!
//! What is applied is in force for the whole process, so every test is alone.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod watch {
    mod files;
    mod load;
    mod stacks;
}
