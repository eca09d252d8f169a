//! What cannot be read is told once: nothing that follows from it is a fault of its own.

use super::declared::{lines, wrong};
use failsafe::settings::{Settings, from_json};

/// Nothing is wrong with it; its parts refer to each other.
const RIGHT: &str = "[stacks.shop]
policies = [
    { retry = { name = \"other\", max = 3, backoff = \"1s..10s\" } },
    { circuit_breaker = { failures = 3 } },
    \"timeout.short\",
]

[retry.other]
factor = 3
jitter = 0.2

[stacks.bank]
policies = [\"retry.other\", { timeout = \"2s\" }]

[timeout.bank]
enabled = true

[circuit_breaker.shop]
delay = \"30s\"

[retry.\"oth*\"]
max = 4

[timeout.short]
limit = \"3s\"
";

/// The same forms as others write them: keys with dots, comments with brackets, strings of several lines,
/// and the definition after what refers to it.
const OTHERWISE: &str = "# [stacks.none] is = \"here\r
retry.orders = { max = 3, backoff = '1s..2s' } # ]\r
retry.'payments.eu'.max = 5\r
\r
[ retry . \"deferred\" ]\r
factor = 3 # a \" alone\r
\r
[stacks]\r
later.policies = [\r
    'retry.deferred',\r
    { timeout = { limit = \"\"\"2s\"\"\" } }, # }\r
]\r
\r
  [timeout.later]\r
  observe = true\r
\r
[stacks.\"first: it\"]\r
policies = [ { retry = { name = \"deferred\",\r
    backoff = '1s..10s' } } ]\r
";

/// The text without one of its characters or lines, and cut off at each character.
fn broken(right: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let line = |at: usize| right[..at].matches('\n').count() + 1;
    for (at, each) in right.char_indices() {
        let without = right[..at].to_owned() + &right[at + each.len_utf8()..];
        all.push((format!("without {each:?} in line {}", line(at)), without));
        all.push((format!("cut off before {each:?} in line {}", line(at)), right[..at].to_owned()));
        for more in ["\"", "[", "]", "{", "}", "=", ",", "\n"] {
            let with = right[..at].to_owned() + more + &right[at..];
            all.push((format!("with {more:?} before {each:?} in line {}", line(at)), with));
        }
    }
    all
}

fn each_is_told_once(right: &str, is_readable: fn(&str) -> bool, told: fn(&str) -> Vec<String>) {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for (how, text) in broken(right) {
        if is_readable(&text) {
            continue;
        }
        tried += 1;
        let told = told(&text);
        if told.len() != 1 {
            wrong.push(format!("{how}:\n  {}", told.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 500, "{tried}");
}

#[test]
fn what_cannot_be_read_of_toml_is_told_once() {
    assert!(failsafe::settings::from_toml(RIGHT).is_ok());
    each_is_told_once(RIGHT, |text| text.parse::<toml::Table>().is_ok(), wrong);
}

#[test]
fn nor_of_toml_that_is_written_otherwise() {
    assert!(failsafe::settings::from_toml(OTHERWISE).is_ok());
    each_is_told_once(OTHERWISE, |text| text.parse::<toml::Table>().is_ok(), wrong);
}

#[test]
fn what_cannot_be_read_of_json_is_told_once() {
    let right = serde_json::to_string_pretty(&RIGHT.parse::<toml::Table>().unwrap()).unwrap();
    let right: String = right.lines().map(|line| line.trim_start().to_owned() + "\n").collect();
    assert!(from_json(&right).is_ok());
    let is_readable = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    each_is_told_once(&right, is_readable, |text| lines(&from_json(text).unwrap_err()));
}

fn one(text: &str, says: &str) {
    let told = wrong(text);
    assert_eq!(told.len(), 1, "{text}\n{}", told.join("\n"));
    assert!(told[0].starts_with(&format!("settings.toml:{says}")), "{told:?}");
}

/// What is meant as a stack, but written in another form.
#[test]
fn other_forms_of_stacks_are_told_once() {
    let rest = "[stacks.y]\npolicies = ['retry.other', 'retry.shop']\n[retry.other]\nenabled = true\n\
                [retry.shop]\nenabled = true\n[retry.'oth*']\nenabled = true\n";
    let list = "policies = [{ retry = {} }, { retry = { name = 'other' } }]";
    one(&format!("[stacksshop]\n{list}\n{rest}"), "1:2: there is no policy `stacksshop`");
    let list_of_lists = "policies = [[{ retry = {} }, { retry = { name = 'other' } }]]";
    one(
        &format!("[stacks.shop]\n{list_of_lists}\n{rest}"),
        "2:13: a policy of a stack is a name, such as",
    );
    let table = "policies = { retry = { name = 'other' } }";
    one(&format!("[stacks.shop]\n{table}\n{rest}"), "2:12: the policies of a stack are a list");
    let alone = rest.replace("[stacks.y]\npolicies = ['retry.other', 'retry.shop']\n", "");
    one(
        &format!("[[stacks]]\nname = 'shop'\n{list}\n{alone}"),
        "1:1: `stacks` is a section: write `[stacks.payments]`",
    );
}

/// The rest is judged all the same, as far as it is known to be meant so.
#[test]
fn what_can_be_read_is_judged() {
    let told = wrong(
        "[retry]\nmax = = 3\n[retry.\"paymets.eu\"]\nmax = -1\n[timeout.short\nlimit = 3\n\
         [stacks.shop]\npolicies = [{ retry = { max = -1 } }, 'retry.othr']\n[bulkhead.pol]\n",
    );
    let places = told.iter().map(|line| line.split(": ").next().unwrap());
    let places: Vec<_> = places.collect();
    let expected =
        ["2:7", "3:8", "5:15", "8:31", "8:39", "9:11"].map(|at| format!("settings.toml:{at}"));
    assert_eq!(places, expected, "{}", told.join("\n"));
}

/// An option that needs another one is no fault where that is misspelt, or of a misspelt policy.
#[test]
fn what_goes_with_a_misspelt_one_is_no_fault() {
    let goes_with = "[retry.orders]\nfactor = 3\n";
    one(&format!("{goes_with}[retyr.orders]\nbackoff = '1s..2s'"), "3:2: there is no policy");
    one(
        &format!("{goes_with}[retry.oders]\nbackoff = '1s..2s'"),
        "3:8: no `retry` of this program",
    );
    let variables = |others: &[(&str, &str)]| {
        let factor = [("FAILSAFE__RETRY__ORDERS__FACTOR", "3")];
        let told = Settings::new().variables(factor.iter().chain(others).copied()).unwrap_err();
        lines(&told)
    };
    assert!(variables(&[])[0].contains("there is none: add `backoff`"));
    for (name, value, says) in [
        ("FAILSAFE__RETRY__ORDERS__BACKOFF", "1..2", "BACKOFF: "),
        ("FAILSAFE__RETRY__ORDERS__BACKOF", "1s..2s", "unknown option `backof`"),
        ("FAILSAFE__RETRY__ODERS__BACKOFF", "1s..2s", "no `retry` of this program"),
        ("FAILSAFE__RETYR__ORDERS__BACKOFF", "1s..2s", "there is no policy `RETYR`"),
    ] {
        let told = variables(&[(name, value)]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(says), "{told:?}");
    }
}

/// What is wrong in a large file is found in good time, however much it is.
#[test]
fn a_large_file_of_nothing_but_errors() {
    for line in
        ["max = = 3\n", "]\n", "[retry\n", "max = 3\n", "x = \"\"\"\n", "[retry.x]\n", "a = [\n"]
    {
        let text = line.repeat(160_000 / line.len());
        assert!(failsafe::settings::from_toml(&text).is_err(), "{line}");
    }
}
