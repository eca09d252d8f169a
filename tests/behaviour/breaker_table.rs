//! The half-open table of failsafe-go: thresholds, records, state.

use failsafe::CircuitBreaker;
use failsafe::circuit_breaker::State::{self, Closed, HalfOpen, Open};

use crate::support::*;

/// A function with these options, its breaker half-open, called once for each letter.
macro_rules! half_open {
    ($($(#[$policy:meta])+ $name:ident: $($letters:literal => $state:expr),+;)+) => {$(
        // GO Half-open table.
        #[tokio::test(start_paused = true)]
        async fn $name() {
            $(#[$policy])+
            async fn guarded(body: &Body) -> Res {
                body.run().await
            }
            $(alone(async {
                let breaker = failsafe::registry().circuit_breaker(stringify!($name)).unwrap();
                breaker.half_open();
                for letter in $letters.chars() {
                    assert_eq!(breaker.state(), HalfOpen, "before {letter} of {}", $letters);
                    let _ = guarded(&Body::new(&letter.to_string())).await;
                }
                assert_eq!(breaker.state(), $state, "{}", $letters);
                assert_eq!(by_hand(&breaker, $letters), $state, "{} recorded by hand", $letters);
            })
            .await;)+
        }
    )+};
}

/// The same through the manual API.
fn by_hand(like: &CircuitBreaker, letters: &str) -> State {
    let config = like.config();
    let builder =
        CircuitBreaker::builder().failures(config.get_failures()).delay(config.get_delay());
    let breaker = match config.get_successes() {
        Some(successes) => builder.successes(successes).build(),
        None => builder.build(),
    };
    breaker.half_open();
    for letter in letters.chars() {
        match breaker.try_acquire() {
            Some(permit) if letter == 'F' => permit.failure(),
            Some(permit) => permit.success(),
            None => panic!("it has a permit for each"),
        }
    }
    breaker.state()
}

half_open! {
    #[failsafe::circuit_breaker(name = "one_and_one")]
    one_and_one: "F" => Open, "S" => Closed;
    #[failsafe::circuit_breaker(name = "three", failures = 3)]
    three: "FFF" => Open, "FS" => Closed;
    #[failsafe::circuit_breaker(name = "two_of_three", failures = "2/3")]
    two_of_three: "FSF" => Open, "FSS" => Closed;
    #[failsafe::circuit_breaker(name = "three_successes", failures = 2, successes = 3)]
    three_successes: "SSF" => Open, "SSS" => Closed, "SF" => Open;
    #[failsafe::circuit_breaker(name = "both_ratios", failures = "3/5", successes = "3/4")]
    both_ratios: "SFSF" => Open, "SFSS" => Closed;
    #[failsafe::circuit_breaker(name = "success_ratio", successes = "2/3")]
    success_ratio: "FSF" => Open, "FSS" => Closed;
    #[failsafe::circuit_breaker(name = "half_of_four", failures = 1, successes = "2/4")]
    half_of_four: "SFF" => HalfOpen, "SFFF" => Open;
    #[failsafe::circuit_breaker(name = "only_successes", successes = 3)]
    only_successes: "SF" => Open, "SSS" => Closed;
    #[failsafe::circuit_breaker(name = "successes_decide", failures = "3/5", successes = 3)]
    successes_decide: "F" => Open;
    #[failsafe::circuit_breaker(name = "two_and_ratio", failures = 2, successes = "3/4")]
    two_and_ratio: "SSFS" => Closed;
    #[failsafe::circuit_breaker(name = "ratio_and_two", failures = "3/5", successes = 2)]
    ratio_and_two: "SS" => Closed;
    // GO 3.3 worked examples: a rate needs its fewest calls.
    #[failsafe::circuit_breaker(name = "rate", failures = "50% of 4 in 1m")]
    rate: "SSF" => HalfOpen, "SSFF" => Open, "SSSF" => Closed;
}
