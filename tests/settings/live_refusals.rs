//! Settings that change while a program runs: feature toggle and fail-fast.

use super::declared::{Alone, Error};
use failsafe::events::{What, subscribe};
use failsafe::settings::from_toml;
use failsafe::{Kind, feature_toggle, registry};
use std::sync::atomic::{AtomicU32, Ordering};

fn apply(text: &str) {
    from_toml(text).unwrap_or_else(|error| panic!("{error}")).apply().unwrap();
}

fn told(events: &mut failsafe::events::Subscription, policy: &str) -> Vec<What> {
    let events = events.drain().into_iter().filter(|event| event.policy == policy);
    events.map(|event| event.what).collect()
}

static HEARD: AtomicU32 = AtomicU32::new(0);

fn heard() -> u32 {
    HEARD.swap(0, Ordering::Relaxed)
}

fn hear() {
    HEARD.fetch_add(1, Ordering::Relaxed);
}

#[feature_toggle(name = "live beta", when = || allowed, on_disabled = |_| hear())]
async fn toggled(allowed: bool) -> Result<u32, Error> {
    Ok(1)
}

#[feature_toggle(name = "live beta", otherwise = Ok(2))]
fn toggled_blocking() -> Result<u32, Error> {
    Ok(1)
}

const DISABLED: Result<u32, Error> = Err(Error::Rejected(Kind::FeatureDisabled));

/// Precedence: code, then the settings, then the attribute.
#[tokio::test(start_paused = true)]
async fn a_toggle_is_switched_by_settings_unless_code_has() {
    let _alone = Alone::new().await;
    let toggle = registry().feature_toggle("live beta").unwrap();
    toggle.reset();
    let mut events = subscribe();
    let mut switched = || told(&mut events, "feature_toggle");
    let (off, on) = (What::Switched { enabled: false }, What::Switched { enabled: true });
    assert_eq!(toggled(true).await, Ok(1));
    apply("[feature_toggle.\"live beta\"]\nenabled = false");
    assert_eq!((switched(), toggle.is_enabled()), (vec![off], false));
    assert_eq!((toggled(true).await, toggled_blocking()), (DISABLED, Ok(2)));
    switched();
    toggle.enable();
    assert_eq!((switched(), toggled(true).await), (vec![on], Ok(1)));
    failsafe::settings::reset();
    apply("[feature_toggle.\"live beta\"]\nenabled = false");
    assert_eq!((switched(), toggle.is_enabled()), (vec![], true), "code has the say");
    toggle.reset();
    assert_eq!((switched(), toggle.is_enabled()), (vec![off], false));
    failsafe::settings::reset();
    assert_eq!((switched(), toggle.is_enabled()), (vec![on], true));
    toggle.disable();
    apply("[feature_toggle]\nenabled = true");
    assert!(!toggle.is_enabled());
    toggle.reset();
}

#[tokio::test(start_paused = true)]
async fn a_toggle_that_observes_or_is_taken_away() {
    let _alone = Alone::new().await;
    let toggle = registry().feature_toggle("live beta").unwrap();
    let mut events = subscribe();
    heard();
    apply("[feature_toggle.\"live beta\"]\nenabled = false\nobserve = true");
    told(&mut events, "feature_toggle");
    assert_eq!((toggled(true).await, toggled_blocking()), (Ok(1), Ok(1)));
    assert_eq!((told(&mut events, "feature_toggle"), heard()), (vec![What::Disabled; 2], 1));
    assert!(toggle.try_acquire() && toggle.acquire().is_ok());
    assert_eq!(told(&mut events, "feature_toggle"), [What::Disabled; 2]);
    registry().disable("feature_toggle", "live beta").unwrap();
    assert_eq!((toggled(false).await, toggled_blocking()), (Ok(1), Ok(1)));
    assert_eq!((told(&mut events, "feature_toggle"), heard()), (vec![], 0));
    registry().enable("feature_toggle", "live beta").unwrap();
    assert_eq!((toggled(true).await, heard()), (DISABLED, 1));
}
