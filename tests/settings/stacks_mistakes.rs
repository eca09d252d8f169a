//! What a user is told of a stack that is wrong.

use super::declared::{Alone, lines, wrong};
use failsafe::circuit_breaker;
use failsafe::settings::{Settings, from_json};
use failsafe::testing::VirtualTime;

const MANY: &str = r#"[stacks.payments]
policies = [
    "retry.paymets.eu",
    "retyr.shared",
    "svcB",
    "retry",
    "stacks.orders",
    { retyr = { max = 3 } },
    { retry = { max_retrys = 3, delay = 30 } },
    { retry = { max = 3 }, timeout = "1s" },
    { timeout = {} },
    { fallback = { value = 1 } },
    7,
]

[stacks.orders]
polices = ["retry.shared"]

[stacks.empty]
policies = []

[stacks.text]
policies = "retry.shared"

[stacks.section]
retry = { max = 3 }

[stack.misspelt]
policies = []
"#;

#[test]
fn every_mistake_is_an_error() {
    let found = wrong(MANY);
    let expected = [
        "3:5: no `retry` of this program is called `paymets.eu`; did you mean `payments.eu`?",
        "4:5: there is no policy `retyr`; did you mean `retry`?",
        "5:5: `svcB` is the name of a `circuit_breaker`: write \"circuit_breaker.svcB\"",
        "6:5: which `retry`? Write \"retry.<name>\" for one of the program, or define one: `{ retry = { .. } }`",
        "7:5: a stack cannot contain another one: list its policies",
        "8:7: there is no policy `retyr`; did you mean `retry`?",
        "9:17: unknown option `max_retrys` of `retry`; did you mean `max`?",
        "9:41: `30` has no unit: write \"30ms\", \"30s\" or \"30m\"",
        "10:5: each policy is a table of its own, such as `{ retry = { max = 3 } }`",
        "11:7: a `timeout` needs `limit`: write `{ timeout = { limit = \"1s\" } }`",
        "12:7: a `fallback` needs code, which no file has: put it around the stack, `failsafe::with((fallback, stack))`",
        "13:5: a policy of a stack is a name, such as \"retry.payments\", or a table, such as `{ retry = { max = 3 } }`",
        "17:1: unknown key `polices` of a stack; did you mean `policies`?",
        "20:12: a stack without policies does nothing; list one, or remove it",
        "23:12: the policies of a stack are a list, outermost first: `policies = [\"retry.payments\", { timeout = \"2s\" }]`",
        "26:1: the policies of a stack have an order: write `policies = [{ retry = .. }, ..]`, outermost first",
        "28:2: there is no policy `stack`; did you mean `stacks`?",
    ];
    let expected = expected.map(|line| format!("settings.toml:{line}"));
    assert_eq!(found, expected, "{}", found.join("\n"));
}

/// What is wrong only where it stands.
#[test]
fn names_are_judged_together() {
    let found = wrong(
        "[stacks.svcB]
policies = [
    { circuit_breaker = { failures = 3 } },
    \"circuit_breaker.bank\",
    \"circuit_breaker.bank\",
]
[stacks.z]
policies = [{ circuit_breaker = { name = \"bank\" } }, { bulkhead = 1 }, { bulkhead = { name = \"z\", max = 2 } }]
[stacks.y]
policies = [{ circuit_breaker = { name = \"bank\" } }]
[bulkhead.w]
max = 3
[stacks.x]
policies = \"\"
",
    );
    let expected = [
        "3:7: the program declares a `circuit_breaker` called `svcB`: refer to it as \
         \"circuit_breaker.svcB\", and set its options in `[circuit_breaker.svcB]`, or give this one \
         another `name`",
        "5:5: the `circuit_breaker` called `bank` is in this stack two times, where it would refuse its \
         own trial calls; keep one",
        "8:15: the stack `y` defines a `circuit_breaker` called `bank` already: refer to it as \
         \"circuit_breaker.bank\", or give this one another `name`",
        "8:74: the `bulkhead` called `z` is in this stack two times, where each call would need two of \
         its places; keep one",
        "11:11: no `bulkhead` of this program is called `w`; the names are: busy, live, live \
         bounded keys, live keys, pool, sealed pool, z",
        "14:12: the policies of a stack are a list, outermost first: `policies = [\"retry.payments\", { \
         timeout = \"2s\" }]`",
    ];
    let expected = expected.map(|line| format!("settings.toml:{line}"));
    assert_eq!(found, expected, "{}", found.join("\n"));
}

#[circuit_breaker(name = "by_key", failures = 3, key = region)]
async fn keyed(region: u32) -> Result<u32, super::declared::Error> {
    Ok(region)
}

/// A policy that is not all in its options stays with its function.
#[test]
fn code_stays_with_its_function() {
    let refer = |name: &str| wrong(&format!("[stacks.x]\npolicies = [\"{name}\"]"));
    let expected = [
        "settings.toml:2:13: the `retry` called `orders` has `handle` in its attribute, which is code \
         that a stack cannot have: define the policy without it, in `policy!` or here",
    ];
    assert_eq!(refer("retry.orders"), expected);
    let expected = [
        "settings.toml:2:13: the `circuit_breaker` called `by_key` has an instance for each `key`, which \
         is an expression of its function: a stack cannot know which one is meant; define one without it \
         under another name, in `policy!` or here",
    ];
    assert_eq!(refer("circuit_breaker.by_key"), expected);
    let expected = [
        "settings.toml:2:13: an option of the `retry` called `generic` names a generic parameter of its \
         function, which a stack does not have: define the policy without it under another name, in \
         `policy!` or here",
    ];
    assert_eq!(refer("retry.generic"), expected);
    let expected = [
        "settings.toml:2:13: a `budget` is no policy by itself: it belongs to those of the program that \
         share it",
    ];
    assert_eq!(refer("budget.extra"), expected);
}

/// The arithmetic of a stack is that of attributes.
#[test]
fn the_order_has_to_make_sense() {
    // While a program has a stack, settings are checked against it.
    let _alone = Alone::blocking();
    let stack = |policies: &str| wrong(&format!("[stacks.x]\npolicies = [{policies}]"));
    let expected = [
        "settings.toml:2:32: retries 2 and 3 can never start: 1s + 2s of delay do not fit in the 2s \
         timeout above; write `max = 1`, shorten the delays, or put the timeout below the retry to bound \
         each attempt",
    ];
    assert_eq!(
        stack("{ timeout = \"2s\" }, { retry = { max = 3, backoff = \"1s..10s\" } }").len(),
        1
    );
    let found = stack("{ timeout = { limit = '2s' }}, {retry = { max = 3, backoff = '1s..10s' } }");
    assert_eq!(
        found.join("\n").split_once(": ").unwrap().1,
        expected[0].split_once(": ").unwrap().1
    );
    let found = stack("{ timeout = '1s' }, { timeout = { limit = '5s', name = 'inner' } }");
    assert!(
        found[0].starts_with("settings.toml:2:35: this timeout never ends a call: the 1s"),
        "{found:?}"
    );
    let endless = "{ retry = { max = 'unlimited' } }, { circuit_breaker = {} }";
    let says = "settings.toml:2:15: a call that the `circuit_breaker` below refuses would be repeated at \
                once and without end: add a `delay` or a `backoff`, or write how many retries there are";
    assert_eq!(stack(endless), [says]);
    // The other way round each attempt has its limit.
    let fits = "[stacks.x]\npolicies = [{ retry = { backoff = '1s..10s' } }, { timeout = '2s' }]";
    failsafe::settings::from_toml(fits).unwrap().check().unwrap();
    // Also where the limit is set elsewhere.
    let elsewhere = "[timeout.slow]\nlimit = '500ms'\n\
                     [stacks.x]\npolicies = ['timeout.slow', { retry = { delay = '1s' } }]";
    assert!(wrong(elsewhere)[0].starts_with("settings.toml:4:31: retries 1 and 2 can never start"));
}

/// What follows from a mistake is not a second one; and JSON says where, too.
#[test]
fn one_mistake_is_one_error() {
    let found =
        wrong("[stacks.x]\npolicies = [{ retry = { delay = 1, jitter = 0.2 } }, 'retry.x']");
    let expected = [
        "settings.toml:2:33: `1` has no unit: write \"1ms\", \"1s\" or \"1m\"",
        "settings.toml:2:54: the `retry` called `x` is in this stack two times; keep one",
    ];
    assert_eq!(found, expected);
    let json = "{ \"stacks\": {\n  \"x\": { \"policies\": [\n    { \"retry\": { \"max\": -1 } },\n    \"retry.y\" ] } } }";
    let found = lines(&from_json(json).map(drop).unwrap_err());
    assert!(found[0].starts_with("settings.json:3:25: "), "{found:?}");
    assert!(
        found[1].starts_with("settings.json:4:5: no `retry` of this program is called `y`"),
        "{found:?}"
    );
    let variable = Settings::new().variables([("FAILSAFE__STACKS__X__POLICIES", "[]")]);
    let says = "FAILSAFE__STACKS__X__POLICIES: a stack is a list, which a file defines; its policies are set \
                by their names, such as `FAILSAFE__RETRY__PAYMENTS__MAX`";
    assert_eq!(variable.unwrap_err().to_string(), says);
}

/// Whatever refers to a policy that is defined with a fault is no fault itself.
#[test]
fn what_is_defined_wrongly_can_be_referred_to() {
    let rest = "[stacks.y]\npolicies = ['retry.other', 'retry.x']\n\
                [retry.other]\nenabled = true\n[retry.x]\nenabled = true\n[retry.'oth*']\nenabled = true\n";
    let wrongly = [
        ("policies = [{ retyr = { name = 'other' } }]", "2:15: there is no policy `retyr`"),
        ("policies = [{ retry = { nam = 'other' } }]", "2:25: unknown option `nam`"),
        ("policies = [{ retry = { max = -1, name = 'other' } }]", "2:31: `-1` is negative"),
        ("policies = [{ retry = { name = 'other' }, x = 1 }]", "2:13: each policy is a table"),
        ("polices = [{ retry = { name = 'other' } }]", "2:1: unknown key `polices`"),
        ("retry = { name = 'other' }", "2:1: the policies of a stack have an order"),
    ];
    let check = |text: &str, says: &str| {
        let found = wrong(text);
        assert_eq!(found.len(), 1, "{text}{}", found.join("\n"));
        assert!(found[0].starts_with(&format!("settings.toml:{says}")), "{found:?}");
    };
    for (wrongly, says) in wrongly {
        check(&format!("[stacks.x]\n{wrongly}\n{rest}"), says);
    }
    let misspelt = "[stack.x]\npolicies = [{ retry = { name = 'other' } }]\n";
    check(&format!("{misspelt}{rest}"), "1:2: there is no policy `stack`; did you mean `stacks`?");
    let section = "[stacks]\nx = [{ retry = { name = 'other' } }]\n";
    check(&format!("{section}{rest}"), "2:5: a stack is a section");
    // Its name is not that of the stack, where a `name` can be misspelt.
    check(
        "[stacks.svcB]\npolicies = [{ circuit_breaker = { nam = 'other' } }, 'circuit_breaker.svcB']",
        "2:35: unknown option `nam`",
    );
    // Another kind or name is a mistake of its own.
    let others =
        "[stacks.x]\npolicies = [{ retry = { nam = 'other' } }, 'bulkhead.other', 'retry.another']";
    assert_eq!(wrong(others).len(), 3, "{:?}", wrong(others));
}

/// What a variable says of such a policy is none either.
#[test]
fn a_variable_can_be_about_what_is_defined_wrongly() {
    let _alone = Alone::blocking();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("failsafe.toml");
    std::fs::write(&file, "[stacks.wrongly]\npolicies = [{ retry = { nam = 'other' } }]").unwrap();
    assert_eq!(lines(&failsafe::settings::load(&file).map(drop).unwrap_err()).len(), 1);
}

/// The limit that counts is the one in force, whichever file says it.
#[test]
fn files_are_judged_together() {
    let _alone = Alone::blocking();
    let base = "[timeout.short]\nlimit = '10s'\n\
                [stacks.x]\npolicies = ['timeout.short', { retry = { delay = '2s' } }]";
    let settings = Settings::new().toml(base).unwrap();
    settings.clone().toml("[retry.orders]\nmax = 1").unwrap().check().unwrap();
    let later = settings.clone().toml("[timeout.short]\nlimit = '3s'").map(drop).unwrap_err();
    assert!(
        later.to_string().starts_with("settings.toml:4:32: retry 2 can never start"),
        "{later}"
    );
    let variable = [("FAILSAFE__RETRY__X__MAX", "3")];
    settings.clone().variables(variable).unwrap().check().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("failsafe.toml");
    std::fs::write(&file, base).unwrap();
    failsafe::settings::load(&file).unwrap().check().unwrap();
}

/// Every call of a limiter in a stack needs what the options say.
#[test]
fn permits_of_a_stack() {
    let _alone = Alone::blocking();
    let _time = VirtualTime::new();
    let text = "[stacks.weighed]\npolicies = [{ rate_limiter = { bursty = '4/s', permits = 3 } }]";
    failsafe::settings::from_toml(text).unwrap().apply().unwrap();
    let weighed = failsafe::settings::stack("weighed").unwrap().blocking().unwrap();
    let call = || weighed.run(|| Ok::<_, super::declared::Error>(1)).is_ok();
    assert_eq!([call(), call()], [true, false]);
    assert_eq!(failsafe::registry().rate_limiter("weighed").unwrap().available(), 1);
    let never = wrong(&text.replace("permits = 3", "permits = 5"));
    assert!(
        never[0].starts_with("settings.toml:2:48: a call that needs 5 permits never"),
        "{never:?}"
    );
    let variable = [("FAILSAFE__RATE_LIMITER__WEIGHED__PERMITS", "5")];
    let settings = failsafe::settings::from_toml(text).unwrap();
    let never = settings.variables(variable).and_then(Settings::apply).unwrap_err().to_string();
    assert!(never.starts_with("FAILSAFE__RATE_LIMITER__WEIGHED__PERMITS: a call that"), "{never}");
    // The same option as a section of the policy.
    let set = format!("{text}\n[rate_limiter.weighed]\npermits = 1\n");
    failsafe::settings::from_toml(&set).unwrap().apply().unwrap();
    let limiter = failsafe::registry().rate_limiter("weighed").unwrap();
    limiter.reset();
    assert!(call() && call());
    assert_eq!(limiter.available(), 2);
    let unkeyed =
        wrong("[stacks.x]\npolicies = [{ rate_limiter = { smooth = '1/s', max_keys = 3 } }]");
    assert!(unkeyed[0].contains("`max_keys`"), "{unkeyed:?}");
}

/// What an option needs can be in an earlier file; what does not go with it too.
#[test]
fn options_are_judged_with_earlier_files() {
    let _alone = Alone::blocking();
    let base = Settings::new().toml("[retry.orders]\nbackoff = '1s..10s'").unwrap();
    base.clone().toml("[retry.orders]\nfactor = 3").unwrap().check().unwrap();
    base.clone().variables([("FAILSAFE__RETRY__ORDERS__JITTER", "0.2")]).unwrap().check().unwrap();
    let short = base.toml("[retry.orders]\nmax_duration = '500ms'").map(drop).unwrap_err();
    let says = "the first delay of 1s does not fit in the `max_duration` of 500ms";
    assert!(short.to_string().contains(says), "{short}");
    // What code sets waits for what goes with it.
    let set = Settings::new().set("retry", "orders", "factor", 3).unwrap();
    let set = set.toml("[timeout.short]\nlimit = '2s'").unwrap();
    set.set("retry", "orders", "backoff", "1s..2s").unwrap().check().unwrap();
}
