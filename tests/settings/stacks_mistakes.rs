//! What a user is told of a stack that is wrong.

use super::declared::{lines, wrong};
use failsafe::circuit_breaker;
use failsafe::settings::{Settings, from_json};

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
         is an expression of its function: a stack cannot know which one is meant",
    ];
    assert_eq!(refer("circuit_breaker.by_key"), expected);
    let expected = [
        "settings.toml:2:13: an option of the `retry` called `generic` names a generic parameter of its \
         function, which a stack does not have",
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
