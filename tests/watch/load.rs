//! Settings that change under load.

use failsafe::settings::Settings;
use failsafe::{Kind, Rejected, Retry, bulkhead, circuit_breaker, registry, retry, timeout};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

static ALONE: Mutex<()> = Mutex::new(());

/// Nobody else applies settings while this is alive, and none are in force before and after.
pub(crate) struct Alone(#[expect(dead_code, reason = "it is held")] MutexGuard<'static, ()>);

impl Alone {
    pub(crate) fn new() -> Self {
        let alone = Self(ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        failsafe::settings::reset();
        alone
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        failsafe::settings::reset();
    }
}

const CALLS: u32 = 100_000;

static PAIR: Retry = failsafe::policy!(retry(name = "load pair", max = 1, max_duration = "1s"));

/// How often the body ran.
static RUNS: AtomicU32 = AtomicU32::new(0);

#[retry(name = "load", max = 1, handle(Err(Error::Down)))]
#[circuit_breaker(name = "load", failures = 1000, handle(Err(Error::Broken)))]
#[bulkhead(8, name = "load")]
fn blocking(call: u32, tries: &mut u32) -> Result<u32, Error> {
    body(call, tries)
}

#[retry(name = "load async", max = 1, handle(Err(Error::Down)))]
#[circuit_breaker(name = "load", failures = 1000, handle(Err(Error::Broken)))]
#[bulkhead(name = "load")]
#[timeout("1h", name = "load")]
async fn waiting(call: u32, tries: &mut u32) -> Result<u32, Error> {
    body(call, tries)
}

/// Every seventh call fails at first.
fn body(call: u32, tries: &mut u32) -> Result<u32, Error> {
    RUNS.fetch_add(1, Ordering::Relaxed);
    *tries += 1;
    if call % 7 == 0 && *tries == 1 { Err(Error::Down) } else { Ok(call) }
}

#[derive(Debug, Clone, PartialEq)]
enum Error {
    Down,
    #[expect(dead_code, reason = "nothing opens the breaker")]
    Broken,
    Rejected(Kind),
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected.kind())
    }
}

/// Everything in it is of the same number; with it every call succeeds.
fn file(number: u32) -> Settings {
    let text = format!(
        "[retry.\"load pair\"]\nmax = {number}\nmax_duration = \"{number}s\"\n\
         [retry.load]\nmax = {number}\n\
         [retry.\"load async\"]\nmax = {number}\n\
         [timeout.load]\nlimit = \"{number}h\"\n\
         [bulkhead.load]\nmax = {number}\n\
         [circuit_breaker.load]\nfailures = {number}\n"
    );
    failsafe::settings::from_toml(&text).unwrap()
}

fn load(call: impl Fn(u32, &mut u32) -> Result<u32, Error>) -> u32 {
    (0..CALLS)
        .map(|number| {
            let mut tries = 0;
            assert_eq!(call(number, &mut tries), Ok(number));
            assert_eq!(tries, if number % 7 == 0 { 2 } else { 1 });
            tries
        })
        .sum()
}

/// The numbers that are shown of the policies of a file.
fn explained() -> Vec<String> {
    let all = failsafe::explain().policies;
    let options = [
        ("retry", "load pair", "max"),
        ("retry", "load pair", "max_duration"),
        ("retry", "load", "max"),
        ("retry", "load async", "max"),
        ("timeout", "load", "limit"),
        ("bulkhead", "load", "max"),
        ("circuit_breaker", "load", "failures"),
    ];
    let value = |(policy, name, option): (&str, &str, &str)| {
        let explained = all.iter().find(|one| one.policy == policy && one.name == name).unwrap();
        let option = explained.options.iter().find(|one| one.option == option).unwrap();
        option.value.as_ref().unwrap().trim_matches(['"', 's', 'h']).to_owned()
    };
    options.map(value).to_vec()
}

/// The numbers by which the policies of a file decide, while nobody calls.
fn in_effect() -> [usize; 4] {
    let config = PAIR.config();
    let retries = usize::try_from(config.get_max().unwrap()).unwrap();
    let seconds = usize::try_from(config.get_max_duration().unwrap().as_secs()).unwrap();
    let (bulkhead, breaker) = (registry().bulkhead("load"), registry().circuit_breaker("load"));
    let (bulkhead, breaker) = (bulkhead.unwrap(), breaker.unwrap());
    let places = std::iter::from_fn(|| bulkhead.try_acquire()).collect::<Vec<_>>().len();
    breaker.reset();
    let failures = (1..100).find(|_| {
        breaker.record_failure();
        breaker.is_open()
    });
    breaker.reset();
    [retries, seconds, places, failures.unwrap()]
}

/// Of the first thread to end, however it ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_reload_loses_no_call_and_no_permit_and_is_never_half() {
    let _alone = Alone::new();
    RUNS.store(0, Ordering::Relaxed);
    let stop = AtomicBool::new(false);
    let files = [file(11), file(17), file(23)];
    files[2].clone().apply().unwrap();
    let rounds = std::thread::scope(|threads| {
        let reloading = threads.spawn(|| {
            let mut rounds = 0_usize;
            while !stop.load(Ordering::Relaxed) {
                files[rounds % files.len()].clone().apply().unwrap();
                // One that is wrong in its last line changes nothing.
                let wrong = "[retry.\"load pair\"]\nmax = 99\n[bulkhead.load]\nmax = \"many\"";
                assert!(failsafe::settings::from_toml(wrong).is_err());
                rounds += 1;
            }
            rounds
        });
        let looking = threads.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let config = PAIR.config();
                let seconds = config.get_max_duration().unwrap().as_secs();
                assert_eq!(config.get_max().map(u64::from), Some(seconds));
                // What is shown is of one file.
                let shown = explained();
                assert!(shown.iter().all(|value| *value == shown[0]), "{shown:?}");
                // For who calls meanwhile there are two processors.
                std::thread::yield_now();
            }
        });
        let callers = {
            let blocking = threads.spawn(|| load(blocking));
            let waiting = threads.spawn(|| {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
                load(|number, tries| runtime.block_on(waiting(number, tries)))
            });
            let stop = Stop(&stop);
            let runs = [blocking.join(), waiting.join()];
            drop(stop);
            runs
        };
        looking.join().unwrap();
        let runs: u32 = callers.into_iter().map(Result::unwrap).sum();
        assert_eq!(RUNS.load(Ordering::Relaxed), runs);
        reloading.join().unwrap()
    });
    assert!(rounds > 0);
    // Every permit was given back, and the state is what it was.
    assert_eq!(registry().bulkhead("load").unwrap().in_flight(), 0);
    let breaker = registry().circuit_breaker("load").unwrap();
    assert_eq!(breaker.state(), circuit_breaker::State::Closed);
    assert!(breaker.metrics().successes() > 0);
    // Every policy, the last one too, has what the last file says, at once.
    for (number, file) in [(11, &files[0]), (23, &files[2]), (17, &files[1])] {
        file.clone().apply().unwrap();
        assert_eq!(explained(), [(); 7].map(|()| number.to_string()));
        assert_eq!(in_effect(), [number; 4]);
    }
}

/// However two applications race, the current settings are those in force.
#[test]
fn the_current_settings_are_those_in_force() {
    let _alone = Alone::new();
    let files = [file(11), file(17)];
    for _ in 0..300 {
        std::thread::scope(|threads| {
            for file in &files {
                threads.spawn(|| file.clone().apply().unwrap());
            }
        });
        let before = PAIR.config().get_max();
        failsafe::settings::current().apply().unwrap();
        assert_eq!(PAIR.config().get_max(), before);
    }
}
