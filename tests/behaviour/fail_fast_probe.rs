//! How a fail-fast finds out that it is well again.

use failsafe::events::{What, subscribe};
use failsafe::testing::VirtualTime;
use failsafe::{FailFast, Registry, Rejected, fail_fast, registry, timeout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use super::fail_fast::REFUSED;
use crate::support::*;

/// Something that can be asked whether it is up, slowly.
#[derive(Debug, Default)]
struct Upstream {
    up: AtomicBool,
    takes: AtomicU32,
    asked: AtomicU32,
    under_way: AtomicU32,
    most: AtomicU32,
}

/// Counts a probe as under way until dropped.
struct UnderWay<'a>(&'a Upstream);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Upstream {
    fn new(takes: u32) -> Self {
        Self { takes: takes.into(), ..Self::default() }
    }

    fn begin(&self) -> UnderWay<'_> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(under_way, Ordering::SeqCst);
        UnderWay(self)
    }

    async fn ping(&self) -> bool {
        let _under_way = self.begin();
        let takes = self.takes.load(Ordering::SeqCst);
        if takes > 0 {
            pass(takes.into()).await;
        }
        self.up.load(Ordering::SeqCst)
    }

    fn ping_now(&self) -> Result<bool, String> {
        let _under_way = self.begin();
        Ok(self.up.load(Ordering::SeqCst))
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    fn set(&self, up: bool) {
        self.up.store(up, Ordering::SeqCst);
    }

    fn take(&self, millis: u32) {
        self.takes.store(millis, Ordering::SeqCst);
    }
}

#[fail_fast(name = "probe: call", probe = async || upstream.ping().await, every = "10s")]
async fn call(upstream: &Upstream, body: &Body) -> Res {
    body.run().await
}

/// In the failed state since now.
async fn failed(upstream: &Upstream) -> FailFast {
    assert_eq!(call(upstream, &Body::new("F")).await, DOWN);
    registry().fail_fast("probe: call").unwrap()
}

// The first call after `every` probes; a probe that says no is followed by another after `every`, one that says yes lets
// that call and all others through.
#[tokio::test(start_paused = true)]
async fn a_call_probes_when_it_is_time() {
    alone(async {
        let (upstream, body) = (Upstream::new(500), Body::new("S"));
        let state = failed(&upstream).await;
        pass(9_999).await;
        assert_eq!((call(&upstream, &body).await, upstream.asked()), (REFUSED, 0));
        pass(1).await;
        assert_eq!((call(&upstream, &body).await, upstream.asked()), (REFUSED, 1));
        pass(9_999).await;
        assert_eq!((call(&upstream, &body).await, upstream.asked()), (REFUSED, 1));
        upstream.set(true);
        pass(1).await;
        assert_eq!((call(&upstream, &body).await, upstream.asked()), (Ok(1), 2));
        assert!(!state.is_failed());
        assert_eq!((call(&upstream, &body).await, upstream.asked()), (Ok(2), 2));
        // The call that probed counts in the new state.
        assert_eq!(call(&upstream, &Body::new("F")).await, DOWN);
        pass(10_000).await;
        assert_eq!(call(&upstream, &Body::new("F")).await, DOWN);
        assert!(state.is_failed());
        assert_eq!((call(&upstream, &body).await, upstream.asked()), (REFUSED, 3));
    })
    .await;
}

fn reject(rejected: Rejected) -> Rejected {
    rejected
}

#[fail_fast(probe = || *up, every = "10s", map_err = reject)]
async fn advised(up: &bool, body: Result<(), Rejected>) -> Result<(), Rejected> {
    body
}

// A refusal says when the next probe is due.
#[tokio::test(start_paused = true)]
async fn a_refusal_says_when_to_come_back() {
    alone(async {
        let broken = FailFast::builder().build();
        broken.fail();
        advised(&false, broken.acquire().map(|_| ())).await.unwrap_err();
        let retry_after = async || {
            let rejected = advised(&false, Ok(())).await.unwrap_err();
            rejected.retry_after().unwrap().as_secs()
        };
        assert_eq!(retry_after().await, 10);
        pass(4_000).await;
        assert_eq!(retry_after().await, 6);
        pass(6_000).await;
        assert_eq!(retry_after().await, 10, "it has probed");
        assert_eq!(broken.acquire().unwrap_err().retry_after(), None, "nobody probes");
    })
    .await;
}

// However many calls come when it is time, one probes; the others are refused at once.
#[tokio::test(start_paused = true)]
async fn one_call_probes() {
    alone(async {
        let (upstream, body) = (Upstream::new(500), Body::new("S"));
        failed(&upstream).await;
        upstream.set(true);
        pass(10_000).await;
        let mut calls: Vec<_> = (0..100).map(|_| Box::pin(call(&upstream, &body))).collect();
        let mut refused = 0;
        for call in &mut calls {
            match poll_once(call).await {
                Some(outcome) => {
                    assert_eq!(outcome, REFUSED);
                    refused += 1;
                }
                None => assert_eq!(refused, 0, "the first one"),
            }
        }
        assert_eq!((refused, upstream.asked()), (99, 1));
        assert_eq!(calls.swap_remove(0).await, Ok(1));
        assert_eq!(call(&upstream, &body).await, Ok(2));
    })
    .await;
}

// A probe that hangs is dropped after `every`, has said no, and delays no other call.
#[tokio::test(start_paused = true)]
async fn a_probe_may_hang() {
    alone(async {
        let (upstream, body) = (Upstream::new(u32::MAX), Body::new("S"));
        let state = failed(&upstream).await;
        upstream.set(true);
        pass(10_000).await;
        let start = tokio::time::Instant::now();
        let mut hanging = Box::pin(call(&upstream, &body));
        assert!(poll_once(&mut hanging).await.is_none());
        assert_eq!(call(&upstream, &body).await, REFUSED);
        assert_eq!(hanging.await, REFUSED);
        assert_eq!(start.elapsed(), ms(10_000));
        assert_eq!(upstream.under_way.load(Ordering::SeqCst), 0, "it is dropped");
        assert_eq!((call(&upstream, &body).await, upstream.asked()), (REFUSED, 1));
        upstream.take(0);
        pass(10_000).await;
        assert_eq!(call(&upstream, &body).await, Ok(1));
        assert!(!state.is_failed());
    })
    .await;
}

// A call that is dropped while it probes drops the probe; the next one probes at once.
#[tokio::test(start_paused = true)]
async fn a_probe_may_be_dropped() {
    alone(async {
        let (upstream, body) = (Upstream::new(500), Body::new("S"));
        let state = failed(&upstream).await;
        upstream.set(true);
        pass(10_000).await;
        for probes in 1..5 {
            let mut leaving = Box::pin(call(&upstream, &body));
            assert!(poll_once(&mut leaving).await.is_none());
            assert_eq!(upstream.asked(), probes);
            drop(leaving);
            assert_eq!(upstream.under_way.load(Ordering::SeqCst), 0);
            assert!(state.is_failed());
        }
        assert_eq!((call(&upstream, &body).await, upstream.asked()), (Ok(1), 5));
        assert_eq!(upstream.most.load(Ordering::SeqCst), 1);
    })
    .await;
}

// A call that holds on to its probe without running it does not keep the others from theirs for ever.
#[tokio::test(start_paused = true)]
async fn a_probe_that_nobody_runs_is_replaced() {
    alone(async {
        let (upstream, body) = (Upstream::new(500), Body::new("S"));
        let state = failed(&upstream).await;
        pass(10_000).await;
        let mut forgotten = Box::pin(call(&upstream, &body));
        assert!(poll_once(&mut forgotten).await.is_none());
        pass(9_999).await;
        assert_eq!(call(&upstream, &body).await, REFUSED);
        pass(1).await;
        upstream.set(true);
        assert_eq!((call(&upstream, &body).await, upstream.asked()), (Ok(1), 2));
        // What it says in the end is no longer heard, but the call goes on, as all do.
        state.fail();
        upstream.set(false);
        assert_eq!(forgotten.await, REFUSED);
        pass(10_000).await;
        upstream.set(true);
        assert_eq!(call(&upstream, &body).await, Ok(2), "it is due since the failure");
    })
    .await;
}

#[fail_fast(name = "probe: panics", probe = || -> bool { upstream.begin(); panic!("bug") }, every = "10s")]
async fn panics(upstream: &Upstream, body: &Body) -> Res {
    body.run().await
}

#[fail_fast(name = "probe: panics later", probe = async || -> bool { pass(1).await; panic!("bug in {}", upstream.asked()) })]
async fn panics_later(upstream: &Upstream, body: &Body) -> Res {
    body.run().await
}

// A panic in a probe is a no, and is reported.
#[tokio::test(start_paused = true)]
async fn a_probe_may_panic() {
    alone(async {
        let (upstream, body) = (Upstream::default(), Body::new("FS"));
        assert_eq!(panics(&upstream, &body).await, DOWN);
        assert_eq!(panics_later(&upstream, &Body::new("F")).await, DOWN);
        pass(10_000).await;
        let mut events = subscribe();
        assert_eq!((panics(&upstream, &body).await, upstream.asked()), (REFUSED, 1));
        assert_eq!((panics(&upstream, &body).await, upstream.asked()), (REFUSED, 1));
        assert_eq!(panics_later(&upstream, &body).await, REFUSED);
        let panics =
            events.drain().into_iter().filter(|event| event.what == What::ListenerPanicked);
        assert_eq!(panics.count(), 2);
    })
    .await;
}

#[fail_fast(
    name = "probe: order",
    probe = || { upstream.begin(); true },
    every = "1s",
    when = || busy.load(Ordering::SeqCst),
)]
async fn ordered(upstream: &Upstream, busy: &AtomicBool, body: &Body) -> Res {
    body.run().await
}

// A call that `when` refuses does not probe, and leaves that to the next.
#[tokio::test(start_paused = true)]
async fn a_refused_call_does_not_probe() {
    alone(async {
        let (upstream, busy, body) = (Upstream::default(), AtomicBool::new(false), Body::new("FS"));
        assert_eq!(ordered(&upstream, &busy, &body).await, DOWN);
        pass(1_000).await;
        busy.store(true, Ordering::SeqCst);
        assert_eq!((ordered(&upstream, &busy, &body).await, upstream.asked()), (REFUSED, 0));
        busy.store(false, Ordering::SeqCst);
        assert_eq!((ordered(&upstream, &busy, &body).await, upstream.asked()), (Ok(2), 1));
    })
    .await;
}

// `recover()` while a probe is under way ends the failed state; the probe then says nothing any more.
#[tokio::test(start_paused = true)]
async fn it_may_recover_while_it_is_probed() {
    alone(async {
        let (upstream, body) = (Upstream::new(500), Body::new("S"));
        let state = failed(&upstream).await;
        pass(10_000).await;
        let mut probing = Box::pin(call(&upstream, &body));
        assert!(poll_once(&mut probing).await.is_none());
        state.recover();
        assert_eq!(call(&upstream, &body).await, Ok(1));
        assert_eq!(probing.await, Ok(2));
        // And one that would say yes does not end a failed state that began meanwhile.
        state.fail();
        pass(10_000).await;
        upstream.set(true);
        let mut probing = Box::pin(call(&upstream, &body));
        assert!(poll_once(&mut probing).await.is_none());
        state.recover();
        state.fail();
        assert_eq!(probing.await, REFUSED);
        assert!(state.is_failed());
    })
    .await;
}

#[fail_fast(name = "probe: blocking", probe = || upstream.ping_now(), every = "10s")]
fn blocking(upstream: &Upstream, body: &Body) -> Res {
    body.block()
}

// In a blocking function the probe is one; `Ok(false)` is a no.
#[test]
fn blocking_functions_probe() {
    let time = VirtualTime::new();
    let test = || {
        let (upstream, body) = (Upstream::default(), Body::new("FS"));
        assert_eq!(blocking(&upstream, &body), DOWN);
        time.advance(Duration::from_secs(10));
        assert_eq!((blocking(&upstream, &body), upstream.asked()), (REFUSED, 1));
        upstream.set(true);
        assert_eq!((blocking(&upstream, &body), upstream.asked()), (REFUSED, 1));
        time.advance(Duration::from_secs(10));
        assert_eq!((blocking(&upstream, &body), upstream.asked()), (Ok(2), 2));
    };
    time.blocking(|| Registry::new().scope_blocking(test));
}

static UP: AtomicBool = AtomicBool::new(false);
static ASKED: AtomicU32 = AtomicU32::new(0);

async fn is_up() -> Result<(), String> {
    ASKED.fetch_add(1, Ordering::SeqCst);
    tokio::task::yield_now().await;
    UP.load(Ordering::SeqCst).then_some(()).ok_or_else(|| "not yet".to_owned())
}

#[fail_fast(name = "probe: free", probe = is_up, every = "10s")]
async fn free(body: &Body) -> Res {
    body.run().await
}

#[fail_fast(name = "probe: free")]
async fn without(body: &Body) -> Res {
    body.run().await
}

#[fail_fast(name = "probe: free")]
fn without_blocking(body: &Body) -> Res {
    body.block()
}

// A probe that uses nothing of its function belongs to the name: other functions of it run it, and so do a health
// endpoint and a watch. A blocking function leaves one that is async to them.
#[tokio::test(start_paused = true)]
async fn a_probe_can_belong_to_the_name() {
    alone(async {
        let (state, body) = (registry().fail_fast("probe: free").unwrap(), Body::new("S"));
        assert!(state.probe_now().await, "nothing is to be found out");
        assert_eq!((state.until_probe(), ASKED.load(Ordering::SeqCst)), (None, 0));
        state.fail();
        assert_eq!(state.until_probe(), Some(ms(10_000)));
        assert!(!state.probe_now().await);
        assert_eq!((state.until_probe(), ASKED.load(Ordering::SeqCst)), (Some(ms(10_000)), 1));
        pass(10_000).await;
        assert!(!state.probe_now_blocking());
        assert_eq!(without_blocking(&body), REFUSED);
        assert_eq!(ASKED.load(Ordering::SeqCst), 1);
        UP.store(true, Ordering::SeqCst);
        assert_eq!(without(&body).await, Ok(1));
        assert_eq!(ASKED.load(Ordering::SeqCst), 2);
        assert_eq!((free(&body).await, without_blocking(&body)), (Ok(2), Ok(3)));
        state.fail();
        assert!(state.probe_now().await && !state.is_failed());
    })
    .await;
}

/// A state whose probe takes 500 ms and asks `upstream`.
fn built(upstream: &Arc<Upstream>) -> FailFast {
    let asked = Arc::clone(upstream);
    let probe = move || {
        let asked = Arc::clone(&asked);
        async move { asked.ping().await }
    };
    FailFast::builder().probe(probe).every("10s").build()
}

// Watched, it recovers without a call.
#[tokio::test(start_paused = true)]
async fn it_can_be_watched() {
    let upstream = Arc::new(Upstream::new(500));
    let state = built(&upstream);
    let watched = state.clone();
    let watch = tokio::spawn(async move { watched.watch().await });
    for episode in 0..3 {
        upstream.set(false);
        pass(100_000).await;
        assert_eq!(upstream.asked(), episode * 3);
        state.fail();
        pass(30_000).await;
        assert!(state.is_failed());
        assert_eq!(upstream.asked(), episode * 3 + 2, "at 10 s and at 20.5 s");
        upstream.set(true);
        pass(3_000).await;
        assert!(!state.is_failed());
    }
    assert_eq!(upstream.most.load(Ordering::SeqCst), 1);
    watch.abort();
    FailFast::builder().build().watch().await;
}

// A watch, a health endpoint and calls share the one probe.
#[tokio::test(start_paused = true)]
async fn probes_do_not_meet() {
    let upstream = Arc::new(Upstream::new(500));
    let state = built(&upstream);
    let (watched, looked, called) = (state.clone(), state.clone(), state.clone());
    let watch = tokio::spawn(async move { watched.watch().await });
    let look = tokio::spawn(async move {
        loop {
            looked.probe_now().await;
            pass(700).await;
        }
    });
    let calls = tokio::spawn(async move {
        let guarded = failsafe::with(called);
        loop {
            let _: Res = guarded.run(async || DOWN).await;
            pass(99).await;
        }
    });
    pass(60_000).await;
    assert!(state.is_failed() && upstream.asked() > 10);
    assert_eq!(upstream.most.load(Ordering::SeqCst), 1);
    for task in [watch, look, calls] {
        task.abort();
    }
}

// Builders take the same kinds of probes; a blocking call runs one that does not wait.
#[tokio::test(start_paused = true)]
async fn builders_take_probes() {
    let recovers = async |state: FailFast| {
        state.fail();
        pass(5_000).await;
        let called = failsafe::with(state.clone()).run(async || Res::Ok(1)).await;
        assert_eq!(called.is_ok(), !state.is_failed());
        called.is_ok()
    };
    assert!(recovers(FailFast::builder().probe(|| true).build()).await);
    assert!(!recovers(FailFast::builder().probe(|| false).build()).await);
    assert!(recovers(FailFast::builder().probe(|| ()).build()).await);
    assert!(recovers(FailFast::builder().probe(|| Ok::<_, String>("pong")).build()).await);
    assert!(!recovers(FailFast::builder().probe(|| Err::<(), _>("no")).build()).await);
    assert!(!recovers(FailFast::builder().probe(async || Ok::<_, String>(false)).build()).await);
    assert!(recovers(FailFast::builder().probe(async || Ok::<_, String>(true)).build()).await);
    let state = FailFast::builder().probe(|| true).every(Duration::MAX).build();
    state.fail();
    pass(1_000_000_000).await;
    assert_eq!(failsafe::with(state.clone()).run_blocking(|| Res::Ok(1)), REFUSED);
    assert!(state.probe_now_blocking());
    assert_eq!(failsafe::with(state).run_blocking(|| Res::Ok(1)), Ok(1));
}

#[fail_fast(probe = async || upstream.ping().await, key = *id)]
async fn by_key(id: &u32, upstream: &Upstream, body: &Body) -> Res {
    body.run().await
}

// With a key the probe sees the arguments too, and each key has its own.
#[tokio::test(start_paused = true)]
async fn each_key_probes() {
    alone(async {
        let (up, down, body) = (Upstream::new(1), Upstream::new(1), Body::new("FFS"));
        up.set(true);
        assert_eq!((by_key(&1, &up, &body).await, by_key(&2, &down, &body).await), (DOWN, DOWN));
        pass(5_000).await;
        assert_eq!(
            (by_key(&1, &up, &body).await, by_key(&2, &down, &body).await),
            (Ok(3), REFUSED)
        );
    })
    .await;
}

struct Client {
    upstream: Upstream,
}

impl Client {
    #[timeout("100ms")]
    #[fail_fast(probe = || self.upstream.ping(), every = "1s")]
    async fn get<T: Clone>(&self, value: T, body: &Body) -> Result<T, Error> {
        body.run().await.map(|_| value)
    }
}

// A timeout around it drops a slow probe, and another call tries again.
#[tokio::test(start_paused = true)]
async fn a_probe_sees_self_and_may_time_out() {
    alone(async {
        let (client, body) = (Client { upstream: Upstream::new(500) }, Body::new("FS"));
        client.upstream.set(true);
        assert_eq!(client.get("a".to_owned(), &body).await, Err(Error::Down));
        pass(1_000).await;
        let timed_out = Err(Error::Rejected(failsafe::Kind::Timeout));
        assert_eq!(client.get("a".to_owned(), &body).await, timed_out);
        client.upstream.take(50);
        assert_eq!(client.get("b".to_owned(), &body).await, Ok("b".to_owned()));
        assert_eq!(client.upstream.asked(), 2);
    })
    .await;
}
