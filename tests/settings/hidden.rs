//! Values that code in an attribute hides, and fallbacks that cannot be taken away.

use super::declared::{Alone, Error, wrong};
use failsafe::cache::{Store, Stored};
use failsafe::settings::{Settings, from_toml};
use failsafe::{bulkhead, cache, fallback, hedge, timeout};
use std::time::Duration;

type Res = Result<u32, Error>;

fn apply(text: &str) {
    from_toml(text).unwrap_or_else(|error| panic!("{error}")).apply().unwrap();
}

#[hedge(name = "hidden hedge", delay_with = |_| Some(Duration::from_millis(50)))]
async fn hedged() -> Res {
    Ok(1)
}

#[hedge(name = "hidden race", delay = "50ms", cancel(Ok(_) | Err(Error::Down)))]
async fn raced() -> Res {
    Ok(1)
}

/// It keeps nothing.
struct Forgetful;

impl<K, V> Store<K, V> for Forgetful {
    fn get(&self, _: &K) -> Option<Stored<V>> {
        None
    }

    fn insert(&self, _: K, _: Stored<V>) {}

    fn remove(&self, _: &K) {}

    fn clear(&self) {}

    fn len(&self) -> usize {
        0
    }
}

#[cache(name = "hidden cache", key = id, store = Forgetful)]
async fn cached(id: u32) -> Res {
    Ok(id)
}

/// What the message says of the attribute at this line.
fn hidden(option: &str, code: &str, line: u32) -> String {
    format!(
        "`{option}` has no effect: `{code}` of the attribute at {}:{line} says it instead; remove \
         `{option}` here, or `{code}` there",
        file!()
    )
}

/// Where the code of a name is written.
fn line(name: &str) -> u32 {
    failsafe::declarations().find(|one| one.name() == name).unwrap().line()
}

#[test]
fn a_value_that_code_hides_is_reported() {
    let cases = [
        ("hedge", "hidden hedge", "delay", "\"10ms\"", "delay_with"),
        ("hedge", "hidden hedge", "quantile", "0.5", "delay_with"),
        ("hedge", "hidden race", "first", "true", "cancel"),
        ("cache", "hidden cache", "capacity", "5", "store"),
    ];
    for (policy, name, option, value, code) in cases {
        let message = hidden(option, code, line(name));
        let told = wrong(&format!("[{policy}.\"{name}\"]\nenabled = true\n{option} = {value}"));
        assert_eq!(told, [format!("settings.toml:3:1: {message}")]);
        let upper =
            format!("FAILSAFE__{policy}__{name}__{option}").to_uppercase().replace(' ', "_");
        let told = Settings::new().variables([(upper.clone(), value.trim_matches('"'))]);
        assert_eq!(told.unwrap_err().to_string(), format!("{upper}: {message}"));
        // What is said of many is for the others.
        let all = from_toml(&format!("[{policy}]\n{option} = {value}"));
        assert!(all.is_ok(), "{all:?}");
    }
}

/// The code stays what is shown.
#[tokio::test]
async fn what_is_hidden_is_not_explained() {
    let _alone = Alone::new().await;
    apply("[hedge]\ndelay = \"1s\"\n[cache]\ncapacity = 3");
    let explained = failsafe::explain().policies;
    let shown = |name: &str| {
        let policy = explained.iter().find(|one| one.name == name).unwrap();
        policy.options.iter().map(|one| one.option).collect::<Vec<_>>()
    };
    let (hedge, cache) = (shown("hidden hedge"), shown("hidden cache"));
    assert!(hedge.contains(&"delay_with") && !hedge.contains(&"delay"), "{hedge:?}");
    assert!(cache.contains(&"store") && !cache.contains(&"capacity"), "{cache:?}");
    assert!(shown("hidden race").contains(&"delay"));
    assert_eq!((hedged().await, raced().await, cached(2).await), (Ok(1), Ok(1), Ok(2)));
}

#[derive(Debug, PartialEq)]
struct Greeting(u32);

#[fallback(name = "sealed surely", value = 9)]
#[timeout("1s")]
async fn surely() -> u32 {
    1
}

#[fallback(name = "sealed in truth", value = Greeting(9))]
#[bulkhead(1, name = "sealed pool")]
async fn in_truth() -> Greeting {
    tokio::task::yield_now().await;
    Greeting(1)
}

#[fallback(name = "sealed by nobody", value = Ok(9))]
#[timeout("1s")]
async fn open() -> Res {
    Ok(1)
}

fn notes(name: &str) -> Vec<String> {
    let explained = failsafe::explain().policies;
    explained.into_iter().find(|one| one.name == name).unwrap().notes
}

/// What is known of the types of the language before any call.
#[tokio::test]
async fn a_fallback_that_goes_on_answering_says_so() {
    let _alone = Alone::new().await;
    assert!(notes("sealed surely").is_empty(), "it is on");
    for mode in ["enabled = false", "observe = true"] {
        let settings = from_toml(&format!("[fallback.\"sealed surely\"]\n{mode}")).unwrap();
        let warnings: Vec<_> = settings.warnings().iter().map(ToString::to_string).collect();
        let (path, line) = ("settings::settings::hidden::surely", line("sealed surely"));
        let expected = format!(
            "settings.toml:2:1: `{mode}` is for failures only: `{path}` at {}:{line} returns a type that \
             holds no rejection, so the fallback goes on answering those; return a `Result` or an \
             `Option`, or implement `failsafe::Reject` for the type, to let them out",
            file!()
        );
        assert_eq!(warnings, [expected]);
        settings.apply().unwrap();
        let note =
            format!("it goes on answering rejections: the return type of `{path}` holds none");
        assert_eq!(notes("sealed surely"), [note.as_str()]);
        let text = failsafe::explain().to_string();
        assert!(text.contains(&format!("\n    note: {note}\n")), "{text}");
        let json = serde_json::to_value(failsafe::explain()).unwrap();
        let of = |name: &str| {
            let all = json["policies"].as_array().unwrap();
            all.iter().find(|one| one["name"] == name).unwrap()["notes"].clone()
        };
        assert_eq!(of("sealed surely"), serde_json::json!([note]));
        assert!(of("sealed by nobody").is_null());
    }
    assert_eq!(surely().await, 1);
}

/// What is known of other types when a call had no other way out.
#[tokio::test]
async fn a_type_is_known_after_the_first_rejection() {
    let _alone = Alone::new().await;
    let settings = || from_toml("[fallback.\"sealed*\"]\nenabled = false").unwrap();
    settings().apply().unwrap();
    let path = "settings::settings::hidden::in_truth";
    let maybe = "this is so if the return type of";
    let note = |when: &str| format!("it goes on answering rejections: {when} `{path}` holds none");
    assert_eq!(notes("sealed in truth"), [note(maybe)]);
    assert_eq!(settings().warnings().len(), 1);
    assert_eq!(tokio::join!(in_truth(), in_truth()), (Greeting(1), Greeting(9)));
    assert_eq!(notes("sealed in truth"), [note("the return type of")]);
    let warnings = settings().warnings();
    assert_eq!(warnings.len(), 2);
    assert!(warnings[0].message().ends_with("(fallback `sealed in truth`)"), "{}", warnings[0]);
    assert_eq!(open().await, Ok(1));
}
