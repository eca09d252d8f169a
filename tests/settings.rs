//! Settings: what is said of a program's policies when it starts, and how they take it.
//!
//! What is applied is in force for the whole process, so every test that applies something is alone.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::unnecessary_wraps, reason = "the attributes ask for a return type that can fail")]

mod settings {
    mod broken;
    mod callers;
    mod calls;
    mod declared;
    mod disabling;
    mod environment;
    mod explain;
    mod hidden;
    mod hostile;
    mod layers;
    mod live_answers;
    mod live_changes;
    mod live_keys;
    mod live_modes;
    mod live_policies;
    mod live_refusals;
    mod mistakes;
    mod schema;
    mod schema_examples;
    mod stacks;
    mod stacks_mistakes;
    mod switches;
    mod walk;
    mod words;
}
