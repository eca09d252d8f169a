//! What is kept, under what, and for how long.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use failsafe::cache::{Store, Stored};
use failsafe::testing::VirtualTime;
use failsafe::{
    Cache, Fallback, Rejected, Retry, cache, circuit_breaker, fallback, policy, registry, retry,
    timeout,
};

use crate::support::*;

#[cache(key = id, name = "cache: one")]
async fn one(id: u32, body: &Body) -> Res {
    body.run().await
}

#[cache(key = id, name = "cache: one")]
fn one_blocking(id: u32, body: &Body) -> Res {
    body.block()
}

// GO Cache: a static key is missed and kept (1/1), then hit (1/0); another key is another value. Functions of one name
// and the same types share the values.
#[tokio::test(start_paused = true)]
async fn an_outcome_is_kept_under_its_key() {
    alone(async {
        let mut heard = Heard::new();
        let body = Body::new("S");
        assert_eq!(one(1, &body).await, Ok(1));
        assert_eq!(heard.names(), ["cache miss", "cache cached"]);
        assert_eq!(one(1, &body).await, Ok(1));
        assert_eq!(heard.names(), ["cache hit"]);
        assert_eq!(one(2, &body).await, Ok(2));
        assert_eq!(one_blocking(1, &body), Ok(1));
        assert_eq!(body.runs(), 2);
        let found = registry().cache("cache: one").unwrap();
        let metrics = found.metrics();
        assert_eq!((metrics.hits(), metrics.misses(), metrics.entries()), (2, 2, 2));
        assert_eq!((metrics.running(), metrics.waiting()), (0, 0));
        found.clear();
        assert_eq!((found.len(), one(1, &body).await), (0, Ok(3)));
    })
    .await;
}

// A hit is attempt 1, and no execution.
#[tokio::test(start_paused = true)]
async fn a_hit_is_an_attempt_without_an_execution() {
    alone(async {
        let body = Body::new("S");
        let mut heard = Heard::new();
        one(1, &body).await.unwrap();
        one(1, &body).await.unwrap();
        assert_eq!(heard.done(), [(1, 1, true), (1, 0, true)]);
    })
    .await;
}

// GO Cache: an error is not kept.
#[tokio::test(start_paused = true)]
async fn a_failure_is_not_kept() {
    alone(async {
        let mut heard = Heard::new();
        let body = Body::new("FS");
        assert_eq!((one(1, &body).await, one(1, &body).await), (DOWN, Ok(2)));
        assert_eq!(heard.names(), ["cache miss", "cache miss", "cache cached"]);
    })
    .await;
}

#[cache(key = id)]
fn optional(id: Option<u32>, body: &Body) -> Option<u32> {
    body.block().ok()
}

#[cache(key = (id, other))]
fn plain(id: Option<u32>, other: &str, runs: &AtomicU32) -> u32 {
    let _ = (id, other);
    runs.fetch_add(1, Ordering::Relaxed)
}

// GO Cache: without a key nothing is kept, and each call is a miss. In a tuple an `Option` is a value like others.
#[tokio::test]
async fn no_key_is_no_cache() {
    alone(async {
        let mut heard = Heard::new();
        let body = Body::new("S");
        assert_eq!((optional(None, &body), optional(None, &body)), (Some(1), Some(2)));
        assert_eq!(heard.names(), ["cache miss", "cache miss"]);
        assert_eq!((optional(Some(1), &body), optional(Some(1), &body)), (Some(3), Some(3)));
        let runs = AtomicU32::new(0);
        assert_eq!((plain(None, "a", &runs), plain(None, "a", &runs)), (0, 0));
        assert_eq!((plain(None, "b", &runs), plain(Some(1), "a", &runs)), (1, 2));
    })
    .await;
}

// The `None` of a function is a failure, and is not kept.
#[tokio::test]
async fn none_is_not_kept() {
    alone(async {
        let body = Body::new("FS");
        assert_eq!((optional(Some(1), &body), optional(Some(1), &body)), (None, Some(2)));
    })
    .await;
}

/// Neither `Clone` nor anything else.
struct Fault;

/// Not `Clone`, and consumed by the function.
struct Request {
    user: String,
}

#[cache(key = (request.user, page + 1))]
async fn consumes(request: Request, page: u32, runs: &AtomicU32) -> Result<String, Fault> {
    let Request { user } = request;
    let run = runs.fetch_add(1, Ordering::Relaxed);
    if page == 9 { Err(Fault) } else { Ok(format!("{user} {page} {run}")) }
}

#[retry]
#[cache(key = user)]
async fn borrows_in_retry(user: String, runs: &AtomicU32) -> Result<usize, Rejected> {
    runs.fetch_add(1, Ordering::Relaxed);
    Ok(user.len())
}

// A key only looks at the arguments: they need not be `Clone`, and the body has them still. The error needs nothing.
#[tokio::test]
async fn a_key_moves_nothing() {
    alone(async {
        let runs = AtomicU32::new(0);
        let request = || Request { user: "ada".to_owned() };
        for _ in 0..2 {
            assert_eq!(consumes(request(), 1, &runs).await.ok().unwrap(), "ada 1 0");
            assert!(consumes(request(), 9, &runs).await.is_err());
            assert_eq!(borrows_in_retry("ada".to_owned(), &runs).await.unwrap(), 3);
        }
        assert_eq!(runs.into_inner(), 4);
    })
    .await;
}

#[cache(key = text)]
fn lengths<T: Clone + Send + Sync + 'static>(text: &str, value: &T, runs: &AtomicU32) -> T {
    let _ = (text, runs.fetch_add(1, Ordering::Relaxed));
    value.clone()
}

// In a generic function each type has its own values.
#[test]
fn a_generic_function_has_values_of_each_type() {
    let runs = AtomicU32::new(0);
    for _ in 0..2 {
        assert_eq!(lengths("a", &1_u8, &runs), 1);
        assert_eq!(lengths("a", &"one", &runs), "one");
        assert_eq!(lengths("a", &vec![1], &runs), [1]);
    }
    assert_eq!(runs.into_inner(), 3);
}

#[cache(key = id, name = "cache: two types")]
fn number(id: u32) -> u32 {
    id + 1
}

#[cache(key = id, name = "cache: two types")]
fn text(id: u32) -> String {
    id.to_string()
}

// Two functions of one name and other types never see each other's values.
#[tokio::test]
async fn one_name_with_two_types() {
    alone(async {
        assert_eq!((number(1), text(1)), (2, "1".to_owned()));
        assert_eq!((number(1), text(1)), (2, "1".to_owned()));
        let metrics = registry().cache("cache: two types").unwrap().metrics();
        assert_eq!((metrics.hits(), metrics.misses(), metrics.entries()), (2, 2, 2));
    })
    .await;
}

#[cache(key = id, ttl = "30s", name = "cache: ttl")]
async fn for_a_while(id: u32, body: &Body) -> Res {
    body.run().await
}

#[cache(key = id, ttl = Duration::MAX)]
async fn for_ever(id: u32, body: &Body) -> Res {
    body.run().await
}

// A value is good up to its time to live, and not at it; one whose time is over is dropped when it is asked for.
#[tokio::test(start_paused = true)]
async fn a_value_has_its_time() {
    alone(async {
        let body = Body::new("SSF");
        assert_eq!((for_a_while(1, &body).await, for_ever(1, &body).await), (Ok(1), Ok(2)));
        tokio::time::advance(ms(29_999)).await;
        assert_eq!(for_a_while(1, &body).await, Ok(1));
        tokio::time::advance(ms(1)).await;
        let found = registry().cache("cache: ttl").unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((for_a_while(1, &body).await, found.len()), (DOWN, 0));
        tokio::time::advance(Duration::from_secs(1_000_000_000)).await;
        assert_eq!(for_ever(1, &body).await, Ok(2));
    })
    .await;
}

// To the nanosecond, on a virtual clock that stands still otherwise; and in blocking functions.
#[test]
fn a_value_has_its_time_to_the_nanosecond() {
    let time = VirtualTime::new();
    time.blocking(|| {
        let numbers = Cache::<u32, u32>::builder().ttl("1s").build();
        numbers.insert(1, 1);
        assert_eq!(numbers.get(&1), Some(1));
        time.advance(Duration::from_secs(1) - Duration::from_nanos(1));
        assert_eq!(numbers.get(&1), Some(1));
        time.advance(Duration::from_nanos(1));
        assert_eq!((numbers.get(&1), numbers.len()), (None, 0));
    });
}

// 10,000 keys: never more values than there is room for, and with room for all in one part of the store, all.
#[test]
fn the_values_are_bounded() {
    for capacity in [1, 7, 1000, 1500, 2047, 2048, 3000, 5001] {
        let numbers = Cache::<u32, u32>::builder().capacity(capacity).build();
        for number in 0..10_000 {
            numbers.insert(number, number);
            assert!(numbers.len() <= capacity as usize, "{} of {capacity}", numbers.len());
        }
        let kept = (0..10_000).filter(|number| numbers.get(number) == Some(*number)).count();
        assert_eq!(kept, numbers.len());
        assert!(kept * 10 >= capacity as usize * 9, "{kept} of {capacity}");
    }
    let numbers = Cache::<u32, u32>::builder().capacity(1000).build();
    (0..1000).for_each(|number| numbers.insert(number, number));
    assert_eq!(numbers.len(), 1000);
}

#[derive(Debug, Clone, PartialEq)]
struct Missing;

#[cache(key = id, cache_if = Result::is_err, cache_if = |found| *found == Ok(2))]
fn negative(id: u32, runs: &AtomicU32) -> Result<u32, Missing> {
    let run = runs.fetch_add(1, Ordering::Relaxed);
    if id == 0 { Err(Missing) } else { Ok(run) }
}

#[cache(key = id, cache_if = Option::is_none)]
fn absent(id: u32, runs: &AtomicU32) -> Option<u32> {
    let _ = id;
    runs.fetch_add(1, Ordering::Relaxed);
    None
}

#[cache(key = id, cache_if = |_| true)]
fn without_clone(id: u32, runs: &AtomicU32) -> Result<u32, Fault> {
    runs.fetch_add(1, Ordering::Relaxed);
    if id == 0 { Err(Fault) } else { Ok(id) }
}

// GO Cache: `cache_if` chooses, match and non-match; several are OR-ed. A failure it chooses is given out as it was, if
// it can be cloned; else it is not kept.
#[tokio::test]
async fn conditions_choose() {
    alone(async {
        let runs = AtomicU32::new(0);
        assert_eq!((negative(0, &runs), negative(0, &runs)), (Err(Missing), Err(Missing)));
        assert_eq!((negative(1, &runs), negative(1, &runs)), (Ok(1), Ok(2)));
        assert_eq!((negative(1, &runs), runs.load(Ordering::Relaxed)), (Ok(2), 3));
        assert_eq!((absent(1, &runs), absent(1, &runs)), (None, None));
        assert_eq!(runs.load(Ordering::Relaxed), 4);
        assert!(without_clone(0, &runs).is_err() && without_clone(0, &runs).is_err());
        assert_eq!(runs.load(Ordering::Relaxed), 6);
        assert!(without_clone(1, &runs).is_ok() && without_clone(1, &runs).is_ok());
        assert_eq!(runs.load(Ordering::Relaxed), 7);
    })
    .await;
}

static NUMBERS: Cache<u32, u32> =
    policy!(cache(capacity = 10, ttl = "1m", name = "cache: numbers"));

#[cache(NUMBERS, key = id)]
async fn in_a_static(id: u32, body: &Body) -> Res {
    body.run().await
}

struct Repository {
    cache: std::sync::Arc<Cache<(String, u32), u32>>,
}

impl Repository {
    #[cache(self.cache, key = (tenant, id), on_hit = |event| notes.add(format!("{tenant} {:?}", event.value())))]
    fn find(&self, tenant: &str, id: u32, body: &Body, notes: &Notes) -> Res {
        body.block()
    }
}

// A static or a field is the cache; what changes a value can say so.
#[tokio::test(start_paused = true)]
async fn an_instance_is_named() {
    alone(async {
        let body = Body::new("S");
        assert_eq!((in_a_static(1, &body).await, NUMBERS.get(&1)), (Ok(1), Some(1)));
        NUMBERS.insert(1, 7);
        assert_eq!(in_a_static(1, &body).await, Ok(7));
        NUMBERS.invalidate(&1);
        assert_eq!((NUMBERS.get(&1), in_a_static(1, &body).await), (None, Ok(2)));
        assert_eq!(registry().cache("cache: numbers").unwrap().len(), 1);
        assert_eq!(
            (NUMBERS.config().get_capacity(), NUMBERS.name()),
            (10, "cache: numbers".to_owned())
        );
        registry().reset();
        let metrics = NUMBERS.metrics();
        assert_eq!((metrics.entries(), metrics.hits(), metrics.misses()), (0, 0, 0));

        let cache = std::sync::Arc::new(Cache::builder().build());
        let (repository, notes) = (Repository { cache }, Notes::new());
        assert_eq!(repository.find("a", 1, &body, &notes), Ok(3));
        assert_eq!(repository.find("a", 1, &body, &notes), Ok(3));
        assert_eq!(notes.take(), ["a Some(3)"]);
        assert_eq!(repository.cache.get(&("a".to_owned(), 1)), Some(3));
    })
    .await;
}

/// A store without bounds.
#[derive(Default)]
struct Plain(Mutex<HashMap<u32, Stored<u32>>>);

impl Store<u32, u32> for Plain {
    fn get(&self, key: &u32) -> Option<Stored<u32>> {
        self.0.lock().unwrap().get(key).cloned()
    }

    fn insert(&self, key: u32, stored: Stored<u32>) {
        self.0.lock().unwrap().insert(key, stored);
    }

    fn remove(&self, key: &u32) {
        self.0.lock().unwrap().remove(key);
    }

    fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[cache(key = id, ttl = "1s", store = Plain::default(), name = "cache: store")]
async fn in_a_store(id: u32, body: &Body) -> Res {
    body.run().await
}

// A store of the user's keeps the values; time, conditions and counts are as ever.
#[tokio::test(start_paused = true)]
async fn a_store_is_given() {
    alone(async {
        let body = Body::new("S");
        assert_eq!((in_a_store(1, &body).await, in_a_store(1, &body).await), (Ok(1), Ok(1)));
        tokio::time::advance(ms(1000)).await;
        assert_eq!(in_a_store(1, &body).await, Ok(2));
        let store = std::sync::Arc::new(Plain::default());
        let cache = Cache::builder().store(std::sync::Arc::clone(&store)).ttl("1s").build();
        store.insert(7, Stored::with_age(70, ms(999)));
        assert_eq!(cache.get(&7), Some(70));
        tokio::time::advance(ms(1)).await;
        assert_eq!((cache.get(&7), store.len()), (None, 0));
    })
    .await;
}

#[fallback(value = Ok(99))]
#[cache(key = id)]
#[retry(max = 1)]
#[circuit_breaker(failures = 2)]
#[timeout("1s")]
async fn stacked(id: u32, body: &Body) -> Res {
    body.run().await
}

#[retry(max = 2)]
#[cache(key = id)]
async fn inside_retry(id: u32, body: &Body) -> Res {
    body.run().await
}

#[cache(key = id, name = "cache: outer")]
#[cache(key = body.runs(), name = "cache: inner")]
async fn two_caches(id: u32, body: &Body) -> Res {
    body.run().await
}

// GO 17: Cache(Retry) keeps what the retry returns. A hit needs none of the policies inside; a fallback's answer outside
// is not kept.
#[tokio::test(start_paused = true)]
async fn in_a_stack() {
    alone(async {
        let body = Body::new("FS");
        assert_eq!((stacked(1, &body).await, stacked(1, &body).await), (Ok(2), Ok(2)));
        let body = Body::new("F");
        assert_eq!((stacked(2, &body).await, body.runs()), (Ok(99), 2), "the breaker opens");
        assert_eq!(stacked(1, &body).await, Ok(2), "and is not asked");
        let body = Body::new("FFS");
        assert_eq!((inside_retry(1, &body).await, inside_retry(1, &body).await), (Ok(3), Ok(3)));
        let body = Body::new("S");
        assert_eq!((two_caches(1, &body).await, two_caches(1, &body).await), (Ok(1), Ok(1)));
    })
    .await;
}

// The same with the builders, async and blocking.
#[tokio::test(start_paused = true)]
async fn with_the_builders() {
    let notes = std::sync::Arc::new(Notes::new());
    let [hit, missed, cached] = [(); 3].map(|()| std::sync::Arc::clone(&notes));
    let cache = Cache::<u32, u32>::builder()
        .ttl("1m")
        .on_hit(move |event| hit.add(format!("hit {:?}", event.value())))
        .on_miss(move |event| missed.add(format!("miss {:?}", event.value())))
        .on_cached(move |event| cached.add(format!("cached {:?}", event.value())))
        .build();
    let retry = Retry::builder().max(1).build();
    let one = failsafe::with((Fallback::value(Ok(99)).build(), cache.for_key(1), &retry));
    let body = Body::new("FS");
    assert_eq!(one.run(async || body.run().await).await, Ok(2));
    assert_eq!(one.run(async || body.run().await).await, Ok(2));
    assert_eq!(notes.take(), ["miss None", "cached Some(2)", "hit Some(2)"]);
    assert_eq!(one.run_blocking(|| body.block()), Ok(2));
    let none = failsafe::with(cache.with_key(|| None));
    assert_eq!(none.run(async || body.run().await).await, Ok(3));
    let kept = failsafe::with(cache.for_key(2).cache_if(|found: &Res| *found == Ok(5)));
    assert_eq!(kept.run(async || body.run().await).await, Ok(4));
    assert_eq!(kept.run(async || body.run().await).await, Ok(5));
    assert_eq!(kept.run_blocking(|| body.block()), Ok(5));
    let errors = Cache::<u32, Res>::builder().build();
    let errors = failsafe::with(errors.for_key(1).cache_if(Result::is_err));
    let body = Body::new("F");
    assert_eq!(
        (errors.run_blocking(|| body.block()), errors.run_blocking(|| body.block())),
        (DOWN, DOWN)
    );
    assert_eq!(body.runs(), 1);
    let bad = Cache::<u32, u32>::builder().ttl("0s").capacity(0).try_build().unwrap_err();
    assert_eq!(bad.faults().len(), 2);
}

#[cache(key = id, on_hit = |_| panic!("a listener"), on_miss = |_| panic!("a listener"))]
fn panicking_listeners(id: u32, body: &Body) -> Res {
    body.block()
}

// A panic in a listener ends there, and is reported.
#[tokio::test]
async fn listeners_may_panic() {
    alone(async {
        let mut heard = Heard::new();
        let body = Body::new("S");
        assert_eq!(panicking_listeners(1, &body), Ok(1));
        assert_eq!(panicking_listeners(1, &body), Ok(1));
        let panics = heard.counts(["cache listener_panicked"]);
        assert_eq!(panics, [2]);
    })
    .await;
}
