//! What A does about load and slowness: more methods of its [`Client`].

use crate::{Client, Error, Greeting};
use failsafe::{
    Prioritizer, Priority, adaptive_limiter, adaptive_throttler, bulkhead, cache, fail_fast,
    feature_toggle, hedge, policies, policy, rate_limiter,
};

failsafe::stack! {
    /// How documents are fetched. `patient.toml` sets the limit anew while A runs.
    CAREFULLY =
        #[retry(max = 1)]
        #[timeout("1s", name = "documents")]
}

/// Finds out which calls to refuse while B fails too often.
static SHEDDING: Prioritizer = policy!(prioritizer(window = 200, every = "500ms"));

impl Client {
    /// Three reports run at a time and two more wait: reports that hang do not take all of A.
    #[bulkhead(3, name = "reports", wait = "1m", queue = 2)]
    pub(crate) async fn report(&self, id: u64) -> Result<Greeting, Error> {
        self.get("report", id).await
    }

    /// As many searches at a time as B can take, which is found out from how long they take. Only
    /// for the sake of a short scene does it decide more often than it would by itself.
    #[adaptive_limiter(
        name = "searches",
        limits = "2..50",
        initial = 8,
        window = "100ms..500ms",
        samples = 5
    )]
    pub(crate) async fn search(&self, id: u64) -> Result<Greeting, Error> {
        self.get("search", id).await
    }

    /// Asks the other replica too when the first one takes longer than half a second.
    #[hedge("500ms")]
    pub(crate) async fn price(&self, id: u64) -> Result<Greeting, Error> {
        self.unhedged_price(id).await
    }

    /// Every other price is asked from the replica first; a hedge asks the one that is left.
    pub(crate) async fn unhedged_price(&self, id: u64) -> Result<Greeting, Error> {
        let turn = id + u64::from(failsafe::attempt().hedges());
        let b = if turn % 2 == 0 { &self.b } else { &self.replica };
        self.get_from(b, "price", id).await
    }

    /// Each caller has five orders a minute, whatever the others do.
    #[rate_limiter(name = "orders", bursty = "5/1m", key = caller)]
    pub(crate) async fn order(&self, caller: &str, id: u64) -> Result<Greeting, Error> {
        self.get("order", id).await
    }

    /// Asks B once in two seconds for each profile, however many want it.
    #[cache(name = "profiles", key = id, ttl = "2s")]
    pub(crate) async fn profile(&self, id: u64) -> Result<Greeting, Error> {
        self.get("profile", id).await
    }

    /// After two failures nobody waits for B any more. Every two seconds a probe asks whether it is
    /// well: no payment is tried just to find out.
    #[fail_fast(name = "payments", failures = 2, probe = || self.is_b_well(), every = "2s")]
    pub(crate) async fn payment(&self, id: u64) -> Result<Greeting, Error> {
        self.get("payment", id).await
    }

    /// Whether B says that it is well.
    async fn is_b_well(&self) -> bool {
        self.get("health", 0).await.is_ok()
    }

    /// While more than a tenth of the calls fail, some are refused: never a checkout, as long as
    /// there is something less important.
    #[adaptive_throttler(
        name = "shop",
        failure_rate = "10% of 30 in 1m",
        prioritizer = SHEDDING,
        priority = Priority::High
    )]
    pub(crate) async fn checkout(&self, id: u64) -> Result<Greeting, Error> {
        self.get("checkout", id).await
    }

    /// Shares the throttler of the checkout, and is less important.
    #[adaptive_throttler(name = "shop", prioritizer = SHEDDING, priority = Priority::Low)]
    pub(crate) async fn browse(&self, id: u64) -> Result<Greeting, Error> {
        self.get("browse", id).await
    }

    /// Can be switched off; then A recommends what it always does.
    #[feature_toggle(name = "recommendations", enabled = true, otherwise = Ok(Greeting::usual()))]
    pub(crate) async fn recommendation(&self, id: u64) -> Result<Greeting, Error> {
        self.get("recommendation", id).await
    }

    /// Under the stack above.
    #[policies(CAREFULLY)]
    pub(crate) async fn invoice(&self, id: u64) -> Result<Greeting, Error> {
        self.get("invoice", id).await
    }

    /// Under the same stack.
    #[policies(CAREFULLY)]
    pub(crate) async fn receipt(&self, id: u64) -> Result<Greeting, Error> {
        self.get("receipt", id).await
    }
}

impl Greeting {
    /// What A recommends to everybody.
    fn usual() -> Self {
        Self { text: "the usual recommendation".to_owned(), from: "A".to_owned() }
    }
}
