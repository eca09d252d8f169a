//! Variables of the environment.

use super::declared::{Alone, SHARED, lines};
use failsafe::settings::Settings;

fn wrong(variables: &[(&str, &str)]) -> Vec<String> {
    lines(&Settings::new().variables(variables.to_vec()).map(drop).unwrap_err())
}

#[test]
fn values_are_written_as_in_the_attribute() {
    let _alone = Alone::blocking();
    let variables = [
        ("FAILSAFE__RETRY__SHARED__MAX", "unlimited"),
        ("FAILSAFE__RETRY__SHARED__BACKOFF", "1s..10s"),
        ("FAILSAFE__RETRY__SHARED__JITTER", "0.2"),
        ("FAILSAFE__RETRY__PAYMENTS_EU__DELAY", "\"30s\""),
        ("FAILSAFE__RETRY__SETTINGS__SETTINGS__DECLARED__UNNAMED__ENABLED", "false"),
        ("FAILSAFE__FEATURE_TOGGLE__BETA__ENABLED", "false"),
        ("FAILSAFE__CIRCUIT_BREAKER__SVCB__FAILURES", "3 in 1m"),
        ("FAILSAFE_RETRY", "not ours"),
        ("PATH", "/bin"),
    ];
    Settings::new().variables(variables).unwrap().apply().unwrap();
    assert_eq!(SHARED.config().get_max(), None);
    assert_eq!(SHARED.config().get_jitter(), failsafe::config::Jitter::Factor(0.2));
    let modes: Vec<_> = failsafe::declarations()
        .filter(|one| one.mode() != failsafe::Mode::On)
        .map(|one| (one.policy(), one.name()))
        .collect();
    // A toggle has an option of that name: it is on, with its feature off.
    assert_eq!(modes, [("retry", "settings::settings::declared::unnamed")]);
    let toggle = failsafe::registry().feature_toggle("beta").unwrap();
    assert!(!toggle.is_enabled());
    failsafe::registry().feature_toggle("beta").unwrap().enable();
}

#[test]
fn what_is_wrong_names_the_variable() {
    let told = wrong(&[
        ("FAILSAFE__RETRY__MAX_RETRYS", "3"),
        ("FAILSAFE__RETRYS__MAX", "3"),
        ("FAILSAFE__RETRY__ORDER__MAX", "3"),
        ("FAILSAFE__RETRY__ORDERS__MAX", "-3"),
        ("FAILSAFE__RETRY__ORDERS__DELAY", "30"),
        ("FAILSAFE__RETRY__ORDERS__HANDLE", "Err(_)"),
        ("FAILSAFE__TIMEOUT__TWO_ONE__LIMIT", "3s"),
        ("FAILSAFE__RETRY", "3"),
        ("FAILSAFE__", "3"),
    ]);
    let names: Vec<_> = failsafe::config::tables().map(|table| table.name).collect();
    let no_policy =
        format!("FAILSAFE__: there is no policy ``; policies are: {}", names.join(", "));
    let expected = [
        &no_policy,
        "FAILSAFE__RETRY: unknown option `` of `retry`; options are: max, attempts, delay, backoff, \
         factor, random_delay, jitter, max_duration, exhausted, enabled, observe",
        "FAILSAFE__RETRYS__MAX: there is no policy `RETRYS`; did you mean `retry`?",
        "FAILSAFE__RETRY__MAX_RETRYS: unknown option `max_retrys` of `retry`; did you mean `max`?",
        "FAILSAFE__RETRY__ORDERS__DELAY: `30` has no unit: write \"30ms\", \"30s\" or \"30m\"",
        "FAILSAFE__RETRY__ORDERS__HANDLE: `handle` of `retry` is code: it belongs into the attribute",
        "FAILSAFE__RETRY__ORDERS__MAX: `-3` is negative: write 0 or more; for no limit write `max = unlimited`",
        "FAILSAFE__RETRY__ORDER__MAX: no `retry` of this program is called `order`; did you mean `orders`?",
        "FAILSAFE__TIMEOUT__TWO_ONE__LIMIT: this can be the `timeout` called `two-one` and the one called \
         `two.one`: set it in a file",
    ];
    assert_eq!(told, expected, "{}", told.join("\n"));
    let told = wrong(&[
        ("FAILSAFE__RETRY__ORDERS__MAX", "3"),
        ("FAILSAFE__RETRY__ORDERS__ATTEMPTS", "3"),
        ("FAILSAFE__RETRY__ENABLED", "false"),
        ("FAILSAFE__RETRY__OBSERVE", "true"),
    ]);
    let expected = [
        "FAILSAFE__RETRY__OBSERVE: `enabled = false` and `observe = true` exclude each other; keep one",
        "FAILSAFE__RETRY__ORDERS__MAX: `attempts` and `max` exclude each other; keep one",
    ];
    assert_eq!(told, expected);
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_text() {
    use std::os::unix::ffi::OsStringExt;
    let value = std::ffi::OsString::from_vec(vec![0xff]);
    let error = Settings::new().variables([("FAILSAFE__RETRY__MAX", value)]).unwrap_err();
    assert_eq!(error.to_string(), "FAILSAFE__RETRY__MAX: its value is not UTF-8");
    assert_eq!(error.faults()[0].variable(), Some("FAILSAFE__RETRY__MAX"));
}
