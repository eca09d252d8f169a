//! What a call costs under `failsafe`, and under its peers with the same settings.
//!
//! Every measured call is one [`Case`]: a policy [`Group`], a [`Contender`] and a closure that makes the
//! future. [`cases`] lists them once; the criterion bench `policies` and the bench `table` (one run, one
//! table with ratios) both take them from there.

#[cfg(all(test, feature = "agreement"))]
mod agreement;
pub mod alloc;
mod assembled;
mod by_hand;
mod case;
mod measure;
mod op;
mod ours;
mod plain;
mod seatbelt;
mod settings;
mod table;
mod tower_resilience;

pub use case::{Case, Contender, Group};
pub use measure::{Measured, Plan, measure};
pub use op::{Body, Error, Ready, Yields};
pub use table::{render, verdict};

/// Every case, in the order of the table: group by group, ours first.
///
/// Must be called inside a tokio runtime with time enabled: some peers take their clock from it.
pub fn cases() -> Vec<Case> {
    let mut cases = [
        plain::cases(),
        ours::cases(),
        by_hand::cases(),
        assembled::cases(),
        seatbelt::cases(),
        tower_resilience::cases(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>();
    cases.sort_by_key(|case| (case.group, case.contender));
    cases
}
