//! Scenarios of `feature_toggle`.

use std::cell::Cell;

use failsafe::{Fallback, FeatureToggle, Kind, fallback, feature_toggle, registry};

use crate::harness::*;

const OFF: Res = rejected(Kind::FeatureDisabled);

forms! {
    plain,
    #[feature_toggle(name = "forms: toggle")],
    FeatureToggle::builder().name("forms: toggle").build(),
}

fn toggle() -> FeatureToggle {
    registry().feature_toggle("forms: toggle").unwrap()
}

#[test]
fn it_is_switched_by_hand() {
    check(
        &plain::forms(),
        [
            call("S", Ok(1)).told(&[]).into(),
            call("F", DOWN).into(),
            hand("it is switched off", || toggle().disable()),
            call("S", OFF)
                .of(1, 0)
                .told(&["feature_toggle disabled", "feature_toggle rejected: feature disabled"])
                .into(),
            shows("state", "disabled"),
            hand("it is switched on", || toggle().enable()),
            call("S", Ok(1)).into(),
            // What is under way goes on.
            shows("state", "enabled"),
        ],
    );
}

forms! {
    answered,
    #[feature_toggle(name = "forms: answered", enabled = false, otherwise = Ok(9))],
    FeatureToggle::builder().name("forms: answered").enabled(false).otherwise(|| Res::Ok(9)).build(),
}

#[test]
fn a_call_that_is_turned_away_can_be_answered() {
    check(
        &answered::forms(),
        [
            call("S", Ok(9)).of(1, 0).told(&["feature_toggle disabled"]).into(),
            hand("it is switched on", || {
                registry().feature_toggle("forms: answered").unwrap().enable();
            }),
            call("S", Ok(1)).into(),
            hand("it is as at the start", || registry().reset()),
            call("S", Ok(9)).of(1, 0).into(),
        ],
    );
}

thread_local! {
    static READY: Cell<bool> = const { Cell::new(false) };
}

fn ready() -> bool {
    READY.get()
}

forms! {
    asking,
    #[feature_toggle(name = "forms: asking", when = ready)],
    FeatureToggle::builder().name("forms: asking").when(ready).build(),
}

// A predicate is asked at each call, and does not override the flag.
#[test]
fn a_predicate_narrows() {
    check(
        &asking::forms(),
        [
            hand("it is not ready", || READY.set(false)),
            call("S", OFF).of(1, 0).into(),
            hand("it is ready", || READY.set(true)),
            call("S", Ok(1)).into(),
            hand("it is switched off", || {
                registry().feature_toggle("forms: asking").unwrap().disable();
            }),
            call("S", OFF).of(1, 0).into(),
        ],
    );
}

forms! {
    behind,
    #[fallback(value = Ok(50))]
    #[feature_toggle(name = "forms: behind", enabled = false)],
    (
        Fallback::value(Res::Ok(50)).build(),
        FeatureToggle::builder().name("forms: behind").enabled(false).build(),
    ),
}

// That it is off is a failure to the policies outside, as any rejection.
#[test]
fn a_policy_outside_sees_that_it_is_off() {
    check(
        &behind::forms(),
        [
            call("S", Ok(50))
                .of(1, 0)
                .told(&[
                    "feature_toggle disabled",
                    "feature_toggle rejected: feature disabled",
                    "fallback failure",
                    "fallback fallback",
                ])
                .into(),
            hand("it is switched on", || {
                registry().feature_toggle("forms: behind").unwrap().enable();
            }),
            call("S", Ok(1)).told(&["fallback success"]).into(),
            call("F", Ok(50)).into(),
        ],
    );
}
