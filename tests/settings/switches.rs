//! Policies switched by code.

use super::declared::{Alone, Error, in_europe, runs};
use failsafe::settings::from_toml;
use failsafe::{Mode, registry};

fn mode() -> (Mode, String) {
    let explained = failsafe::explain().policies;
    let policy = explained.iter().find(|one| one.name == "payments.eu").unwrap();
    let declared = failsafe::declarations().find(|one| one.name() == "payments.eu").unwrap();
    assert_eq!(declared.mode(), policy.mode);
    (policy.mode, policy.mode_set_by.to_string())
}

/// Code is stronger than any file, until it takes it back.
#[tokio::test(start_paused = true)]
async fn code_is_stronger_than_a_file() {
    let _alone = Alone::new().await;
    assert_eq!(mode(), (Mode::On, "default".into()));
    registry().disable("retry", "payments.eu").unwrap();
    assert_eq!(mode(), (Mode::Off, "code".into()));
    assert_eq!((in_europe().await, runs()), (Err(Error::Down), 1));
    from_toml("[retry]\nobserve = true\nmax = 3").unwrap().apply().unwrap();
    assert_eq!(mode(), (Mode::Off, "code".into()));
    registry().enable("retry", "payments.eu").unwrap();
    assert_eq!((in_europe().await, runs()), (Err(Error::Down), 4));
    registry().unswitch("retry", "payments.eu").unwrap();
    assert_eq!(mode(), (Mode::Observe, "global settings.toml:2".into()));
    from_toml("[retry.\"pay*\"]\nenabled = false").unwrap().apply().unwrap();
    assert_eq!(mode(), (Mode::Off, "group `pay*` settings.toml:2".into()));
    registry().observe("retry", "payments.eu").unwrap();
    assert_eq!(mode(), (Mode::Observe, "code".into()));
    failsafe::settings::reset();
    assert_eq!(mode(), (Mode::On, "default".into()));
}

#[test]
fn an_unknown_policy_is_an_error() {
    let error =
        |policy: &str, name: &str| registry().disable(policy, name).unwrap_err().to_string();
    assert_eq!(
        error("retry", "payments.ue"),
        "no `retry` of this program is called `payments.ue`; did you mean `payments.eu`?"
    );
    assert_eq!(error("retries", "orders"), "this program declares no `retries`");
}
