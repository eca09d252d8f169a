//! A feature that is switched at run time: FT are facts of the feature toggle of failsafe-py.

use failsafe::events::{What, subscribe};
use failsafe::{
    Detail, FeatureToggle, Kind, Registry, Rejected, circuit_breaker, feature_toggle, policy,
    registry, retry,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

type Answer = Result<u32, Rejected>;

const OFF: bool = false;

#[feature_toggle(name = "toggle: plain", enabled = true)]
async fn plain(runs: &AtomicU32) -> Answer {
    Ok(runs.fetch_add(1, Ordering::Relaxed))
}

#[feature_toggle(name = "toggle: plain")]
fn blocking(runs: &AtomicU32) -> Answer {
    Ok(runs.fetch_add(1, Ordering::Relaxed))
}

fn kind(answer: Answer) -> Result<u32, Kind> {
    answer.map_err(|rejected| rejected.kind())
}

// FT: a disabled feature is rejected and the function is not run; it is switched at run time, for
// all functions of the name.
#[tokio::test]
async fn it_is_switched_by_name() {
    let scope = Registry::new();
    let test = async {
        let runs = AtomicU32::new(0);
        assert_eq!(kind(plain(&runs).await), Ok(0));
        let toggle = registry().feature_toggle("toggle: plain").unwrap();
        toggle.disable();
        assert!(!toggle.is_enabled());
        assert_eq!(kind(plain(&runs).await), Err(Kind::FeatureDisabled));
        assert_eq!(kind(blocking(&runs)), Err(Kind::FeatureDisabled));
        assert_eq!(plain(&runs).await.unwrap_err().to_string(), "feature disabled: toggle: plain");
        toggle.enable();
        assert_eq!(kind(blocking(&runs)), Ok(1));
    };
    scope.scope(test).await;
    assert!(Registry::new().feature_toggle("toggle: plain").unwrap().is_enabled());
    assert!(Registry::new().feature_toggle("toggle: none").is_none());
}

#[feature_toggle(enabled = OFF, when = || unreachable!("it is off"), otherwise = Ok(*number))]
async fn off(number: &u32) -> Answer {
    unreachable!("{number}")
}

#[feature_toggle(when = || number > 2, otherwise = Ok(number + 100))]
fn narrowed(number: u32) -> Answer {
    Ok(number)
}

fn never() -> bool {
    false
}

#[feature_toggle(when = never, otherwise = "off".to_owned())]
async fn no_failures() -> String {
    "on".to_owned()
}

// FT: a predicate is asked at each call with the arguments, and does not override a false flag.
#[tokio::test]
async fn a_predicate_narrows() {
    assert_eq!(off(&7).await.unwrap(), 7);
    assert_eq!((narrowed(3).unwrap(), narrowed(2).unwrap()), (3, 102));
    assert_eq!(no_failures().await, "off");
}

static SHARED: FeatureToggle = policy!(feature_toggle(name = "toggle: shared", enabled = false));

#[feature_toggle(SHARED, otherwise = Ok(0))]
async fn through_a_static() -> Answer {
    Ok(1)
}

struct Service {
    toggle: Arc<FeatureToggle>,
}

impl Service {
    #[feature_toggle(self.toggle, when = || self.toggle.name() != "no")]
    fn through_a_field(&self) -> Answer {
        Ok(1)
    }
}

#[tokio::test]
async fn instances_can_be_named() {
    let scope = Registry::new();
    let test = async {
        assert_eq!(through_a_static().await.unwrap(), 0);
        SHARED.enable();
        assert_eq!(through_a_static().await.unwrap(), 1);
    };
    scope.scope(test).await;
    let service = Service { toggle: Arc::new(FeatureToggle::builder().build()) };
    assert_eq!(service.through_a_field().unwrap(), 1);
    service.toggle.clone().disable();
    assert_eq!(kind(service.through_a_field()), Err(Kind::FeatureDisabled));
}

#[feature_toggle(
    name = "toggle: heard",
    enabled = false,
    on_disabled = |event| {
        heard.lock().unwrap().push((event.name().to_owned(), event.is_switched_off()));
    },
)]
async fn heard(heard: &std::sync::Mutex<Vec<(String, bool)>>) -> Answer {
    Ok(heard.lock().unwrap().len().try_into().unwrap())
}

#[tokio::test]
async fn it_tells_of_what_it_does() {
    let scope = Registry::new();
    let test = async {
        let mut events = subscribe();
        let names = std::sync::Mutex::new(Vec::new());
        heard(&names).await.unwrap_err();
        assert_eq!(names.lock().unwrap()[..], [("toggle: heard".to_owned(), true)]);
        let toggle = registry().feature_toggle("toggle: heard").unwrap();
        toggle.enable();
        toggle.enable();
        let state = |state| Some(Detail::Text(state));
        let now = || registry().snapshot().policies[0].details.get("state").cloned();
        assert_eq!(now(), state("enabled"));
        registry().reset();
        assert_eq!(now(), state("disabled"));
        let whats: Vec<_> = events.drain().into_iter().map(|event| event.what).collect();
        assert_eq!(
            whats,
            [
                What::Disabled,
                What::Rejected(Kind::FeatureDisabled),
                What::Done { success: false },
                What::Switched { enabled: true },
                What::Switched { enabled: false },
            ]
        );
    };
    scope.scope(test).await;
}

#[retry(max = 2)]
#[feature_toggle(when = || asked.fetch_add(1, Ordering::Relaxed) == 2)]
#[circuit_breaker(failures = 1)]
async fn retried(asked: &AtomicU32) -> Answer {
    Ok(asked.load(Ordering::Relaxed))
}

// It is asked anew for each attempt.
#[tokio::test(start_paused = true)]
async fn it_stands_in_a_stack() {
    assert_eq!(retried(&AtomicU32::new(0)).await.unwrap(), 3);
    assert_eq!(kind(retried(&AtomicU32::new(7)).await), Err(Kind::FeatureDisabled));
}

#[tokio::test]
async fn it_is_built_in_code() {
    let heard = Arc::new(AtomicU32::new(0));
    let listener = Arc::clone(&heard);
    let toggle = FeatureToggle::builder()
        .enabled(false)
        .on_disabled(move |_| {
            listener.fetch_add(1, Ordering::Relaxed);
        })
        .build();
    let body = async || Answer::Ok(1);
    assert_eq!(kind(failsafe::with(toggle.clone()).run(body).await), Err(Kind::FeatureDisabled));
    assert_eq!(toggle.acquire().unwrap_err().kind(), Kind::FeatureDisabled);
    assert_eq!(heard.load(Ordering::Relaxed), 2);
    toggle.enable();
    assert_eq!(kind(failsafe::with(toggle.clone()).run(body).await), Ok(1));
    toggle.reset();
    assert!(!toggle.try_acquire());
    let toggle = FeatureToggle::builder().when(|| false).otherwise(|| Answer::Ok(9)).build();
    assert_eq!(kind(failsafe::with(toggle).run_blocking(|| Answer::Ok(1))), Ok(9));
}
