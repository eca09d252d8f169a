//! The decision: whether a call goes through.

/// Whether a call goes through. The predicate is asked only while the feature is on: what an
/// operator switched off stays off.
#[inline]
pub(super) fn lets_through(enabled: bool, when: impl FnOnce() -> bool) -> bool {
    enabled && when()
}

#[cfg(test)]
mod tests {
    use super::lets_through;

    #[test]
    fn a_predicate_cannot_switch_on() {
        assert!(lets_through(true, || true));
        assert!(!lets_through(true, || false));
        assert!(!lets_through(false, || unreachable!("it is off")));
    }
}
