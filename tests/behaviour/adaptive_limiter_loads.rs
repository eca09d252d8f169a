//! Whatever the options and the load: the limit stays within its bounds, nobody is let in beyond it, and no number is none.
//! A load that breaks this is made as small as it can be before it is shown. `PROPTEST_CASES` says how many are tried.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use failsafe::adaptive_limiter::{AdaptiveLimiterBuilder, Permit};
use failsafe::testing::VirtualTime;
use failsafe::{AdaptiveLimiter, Rejected};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A time of any order of magnitude.
fn nanos() -> impl Strategy<Value = Duration> {
    let some = (0..=63_u32, any::<u64>()).prop_map(|(order, number)| number >> order);
    prop_oneof![8 => some, 1 => Just(0), 1 => Just(u64::MAX)].prop_map(Duration::from_nanos)
}

/// From 1, and as large as a number can be.
fn factor() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 1.0..10.0, 1 => Just(1.0), 1 => 1.0..1e9, 1 => Just(f64::MAX)]
}

/// What somebody's function might make of the calls in flight.
fn bound() -> impl Strategy<Value = f64> {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, f64::MAX, f64::MIN_POSITIVE];
    prop_oneof![proptest::sample::select(odd.to_vec()), 0.0..500.0]
}

#[derive(Debug, Clone)]
struct Options {
    limits: (u32, u32),
    initial: u32,
    factors: (f64, f64),
    decay: Option<f64>,
    bound: Option<f64>,
    stabilization: Duration,
    window: (Duration, Duration),
    samples: u32,
    quantile: f64,
    baseline: u32,
    drift: Option<&'static str>,
    correlation: u32,
    shrinks: bool,
    queue: Option<(f64, f64)>,
}

fn options() -> impl Strategy<Value = Options> {
    let least = prop_oneof![1..4_u32, 1..200_u32, Just(u32::MAX)];
    let more = prop_oneof![Just(0), 0..10_u32, 0..2000_u32, Just(u32::MAX)];
    let limits = (least, more).prop_map(|(least, more)| (least, least.saturating_add(more)));
    let ordered = |(one, other): (Duration, Duration)| (one.min(other), one.max(other));
    let window = prop_oneof![
        Just((Duration::ZERO, Duration::ZERO)),
        (nanos(), nanos()).prop_map(ordered),
        Just((Duration::ZERO, Duration::MAX)),
    ];
    let queue = (1.0..3.0, prop_oneof![Just(0.0), 0.0..3.0, Just(1e300)]);
    let queue = queue.prop_map(|(some, more)| (some, some + more));
    let drift = ["10% in 1h", "100% in 1ns", "unlimited"];
    let limit = (
        limits,
        prop_oneof![1..50_u32, 1..2000_u32, Just(u32::MAX)],
        (factor(), factor()).prop_map(|(one, other)| (one.max(other), one.min(other))),
        option::of(prop_oneof![0.0..2.0, Just(0.0), Just(f64::MAX)]),
        option::weighted(0.2, bound()),
        prop_oneof![Just(Duration::ZERO), nanos(), Just(Duration::MAX)],
    );
    let seen = (
        window,
        prop_oneof![3 => Just(1), 1 => 1..20_u32],
        prop_oneof![0.1..0.99, Just(f64::MIN_POSITIVE), Just(1.0 - f64::EPSILON)],
        prop_oneof![1..20_u32, Just(u32::MAX)],
        option::of(proptest::sample::select(drift.to_vec())),
        2..60_u32,
    );
    (limit, seen, any::<bool>(), option::of(queue)).prop_map(|(limit, seen, shrinks, queue)| {
        let (limits, initial, factors, decay, bound, stabilization) = limit;
        let (window, samples, quantile, baseline, drift, correlation) = seen;
        let initial = initial.clamp(limits.0, limits.1);
        Options {
            limits,
            initial,
            factors,
            decay,
            bound,
            stabilization,
            window,
            samples,
            quantile,
            baseline,
            drift,
            correlation,
            shrinks,
            queue,
        }
    })
}

impl Options {
    fn builder(&self) -> AdaptiveLimiterBuilder {
        let mut builder = AdaptiveLimiter::builder()
            .limits(self.limits)
            .initial(self.initial)
            .stabilization(self.stabilization)
            .window(self.window)
            .samples(self.samples)
            .quantile(self.quantile)
            .baseline(self.baseline)
            .correlation(self.correlation)
            .shrink_when_idle(self.shrinks);
        builder = match (self.bound, self.decay) {
            (Some(bound), _) => builder.max_limit_with(move |_| bound),
            (None, None) => builder.max_limit_factor(self.factors.0),
            (None, Some(decay)) => builder
                .max_limit_factor(self.factors.0)
                .max_limit_factor_decay(decay)
                .min_limit_factor(self.factors.1),
        };
        if let Some(drift) = self.drift {
            builder = builder.baseline_drift(drift);
        }
        if let Some(queue) = self.queue {
            builder = builder.queue(queue);
        }
        builder
    }
}

/// How a call ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Success,
    Failure,
    Discarded,
    Dropped,
}

#[derive(Debug, Clone)]
enum Step {
    /// So many calls that do not wait.
    Begin(u8),
    /// A call that waits for a permit.
    Wait(Duration),
    /// Everybody who waits is looked at.
    Poll,
    LeaveQueue(Index),
    End(Index, End),
    /// All end, one after the other.
    EndAll(End),
    /// A body panics.
    Panic,
    Pass(Duration),
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    let end = || {
        prop_oneof![
            6 => Just(End::Success),
            2 => Just(End::Failure),
            1 => Just(End::Discarded),
            1 => Just(End::Dropped),
        ]
    };
    prop_oneof![
        8 => (1..40_u8).prop_map(Step::Begin),
        4 => nanos().prop_map(Step::Wait),
        3 => Just(Step::Poll),
        1 => any::<Index>().prop_map(Step::LeaveQueue),
        8 => (any::<Index>(), end()).prop_map(|(which, end)| Step::End(which, end)),
        3 => end().prop_map(Step::EndAll),
        1 => Just(Step::Panic),
        8 => nanos().prop_map(Step::Pass),
        1 => Just(Step::Reset),
    ]
}

type Waits<'a> = Pin<Box<dyn Future<Output = Result<Permit<'a>, Rejected>> + 'a>>;

/// A limiter under a load.
struct Load<'a> {
    limiter: &'a AdaptiveLimiter,
    options: &'a Options,
    time: &'a VirtualTime,
    permits: Vec<Permit<'a>>,
    waiting: Vec<Waits<'a>>,
}

impl Load<'_> {
    fn act(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Begin(calls) => {
                for _ in 0..*calls {
                    let Some(permit) = self.limiter.try_acquire() else { break };
                    self.permits.push(permit);
                    self.within_limit("a call got a permit beyond the limit")?;
                }
            }
            Step::Wait(wait) => {
                self.waiting.push(Box::pin(self.limiter.acquire_timeout(*wait)));
                self.poll();
            }
            Step::Poll => self.poll(),
            Step::LeaveQueue(which) if !self.waiting.is_empty() => {
                drop(self.waiting.swap_remove(which.index(self.waiting.len())));
            }
            Step::End(which, end) if !self.permits.is_empty() => {
                let which = which.index(self.permits.len());
                self.end(which, *end)?;
            }
            Step::EndAll(end) => {
                while !self.permits.is_empty() {
                    self.end(0, *end)?;
                }
            }
            Step::Panic => self.panic(),
            Step::Pass(time) => self.time.advance(*time),
            Step::Reset => self.limiter.reset(),
            Step::LeaveQueue(_) | Step::End(..) => {}
        }
        Ok(())
    }

    fn poll(&mut self) {
        let Self { waiting, permits, .. } = self;
        let mut cx = Context::from_waker(Waker::noop());
        waiting.retain_mut(|waits| {
            let polled = waits.as_mut().poll(&mut cx);
            let is_over = polled.is_ready();
            if let std::task::Poll::Ready(Ok(permit)) = polled {
                permits.push(permit);
            }
            !is_over
        });
    }

    /// The end of one call: the limit falls by a step at the most, and rises by one.
    fn end(&mut self, which: usize, end: End) -> Result<(), TestCaseError> {
        let before = self.limiter.metrics().exact_limit();
        let permit = self.permits.swap_remove(which);
        match end {
            End::Success => permit.record(),
            End::Failure => permit.record_failure(),
            End::Discarded => permit.discard(),
            End::Dropped => drop(permit),
        }
        let after = self.limiter.metrics().exact_limit();
        let step = if before < 100.0 { 1.0 } else { before.log10().max(2.0) };
        prop_assert!((before - after).abs() <= step, "from {before} to {after} in one step");
        Ok(())
    }

    /// A call whose body panics, if nobody has to wait for it.
    fn panic(&self) {
        let metrics = self.limiter.metrics();
        if metrics.in_flight() < metrics.limit() && metrics.queued() == 0 {
            let guarded = failsafe::with(self.limiter);
            let body = || -> Result<(), Rejected> { std::panic::resume_unwind(Box::new("body")) };
            let panicked = catch_unwind(AssertUnwindSafe(|| guarded.run_blocking(body)));
            assert!(panicked.is_err(), "it ran");
        }
    }

    fn within_limit(&self, what: &str) -> Result<(), TestCaseError> {
        let metrics = self.limiter.metrics();
        prop_assert!(metrics.in_flight() <= metrics.limit(), "{what}: {metrics:?}");
        Ok(())
    }

    /// What holds at any time; `was` is how many calls were in flight beyond the limit.
    fn check(&self, step: &Step, was: u32) -> Result<u32, TestCaseError> {
        let (metrics, (least, most)) = (self.limiter.metrics(), self.options.limits);
        prop_assert!((least..=most).contains(&metrics.limit()), "{metrics:?}");
        let exact = metrics.exact_limit();
        prop_assert!((f64::from(least)..=f64::from(most)).contains(&exact), "{metrics:?}");
        prop_assert!((0.0..=1.0).contains(&metrics.rejection_rate()), "{metrics:?}");
        let held = u32::try_from(self.permits.len()).unwrap();
        // Those who wait may have been given a permit that they have not seen yet.
        let unseen = u32::try_from(self.waiting.len()).unwrap() - metrics.queued();
        prop_assert_eq!(metrics.in_flight(), held + unseen);
        if metrics.queued() > 0 {
            prop_assert!(metrics.in_flight() >= metrics.limit(), "a free permit: {metrics:?}");
        }
        // Only where the limit was lowered under calls that have begun are there more than it allows. While it moves
        // one by one, each call that ends makes up for that.
        let beyond = metrics.in_flight().saturating_sub(metrics.limit());
        let lowers = matches!(step, Step::Reset)
            || most >= 100 && matches!(step, Step::End(..) | Step::EndAll(_));
        prop_assert!(
            beyond <= was || lowers,
            "{was} beyond the limit became {beyond}: {metrics:?}"
        );
        if let Some(update) = metrics.update() {
            let (baseline, recent) = update.nanos();
            let numbers = [baseline, recent, update.limit(), update.queue(), update.gradient()];
            prop_assert!(numbers.iter().all(|number| number.is_finite()), "{update:?}");
            prop_assert!(baseline >= 0.0 && recent >= 0.0, "{update:?}");
            let rates = [update.throughput(), update.throughput_variation()];
            prop_assert!(rates.iter().all(|rate| rate.is_finite() && *rate >= 0.0), "{update:?}");
            let related = [update.throughput_correlation(), update.latency_correlation()];
            prop_assert!(related.iter().all(|how| (-1.0..=1.0).contains(how)), "{update:?}");
        }
        Ok(beyond)
    }
}

fn bear(options: &Options, steps: &[Step]) -> Result<(), TestCaseError> {
    let time = VirtualTime::new();
    time.blocking(|| {
        let limiter = options.builder().build();
        let mut load = Load {
            limiter: &limiter,
            options,
            time: &time,
            permits: Vec::new(),
            waiting: Vec::new(),
        };
        let mut beyond = 0;
        for step in steps {
            load.act(step)?;
            beyond = load.check(step, beyond)?;
        }
        drop(load);
        let metrics = limiter.metrics();
        prop_assert_eq!((metrics.in_flight(), metrics.queued()), (0, 0));
        prop_assert!(limiter.try_acquire().is_some(), "it lets nobody in any more");
        Ok(())
    })
}

// Options up to their extremes; calls that end, fail, are dropped, panic or wait; clocks that stand still, creep and jump.
#[test]
fn any_load_keeps_the_limit_within_its_bounds() {
    let config = Config { failure_persistence: None, ..Config::default() };
    // The same loads each time, so that a failure is nobody's bad luck.
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let loads = (options(), vec(step(), 1..200));
    let found = runner.run(&loads, |(options, steps)| bear(&options, &steps));
    if let Err(why) = found {
        panic!("{why}");
    }
}
