//! What a crate that cases depend on declares for them. The cases are in `cases/`.

/// How often `FROM_HERE` retries.
pub const RETRIES: u32 = 2;

failsafe::stack! {
    /// For the functions of another crate.
    pub FROM_HERE =
        #[retry(max = crate::RETRIES, delay = "10ms")]
        #[circuit_breaker(failures = 9)]
        #[timeout("1s")]
}

/// A stack in a module, of the same name.
pub mod module {
    failsafe::stack! {
        /// Another one, made of one of this crate.
        pub FROM_HERE = #[policies(crate::FROM_HERE)] #[retry(max = 1)]
    }
}

/// Declarations that another crate says something else of, or refers to.
pub mod shared {
    use failsafe::{Rejected, circuit_breaker, retry, timeout};

    /// One name, and in the other crate other options.
    ///
    /// # Errors
    ///
    /// None.
    #[circuit_breaker(name = "shared breaker", failures = 3)]
    pub async fn three_failures() -> Result<u32, Rejected> {
        Ok(3)
    }

    /// Declared for the other crate.
    ///
    /// # Errors
    ///
    /// None.
    #[retry(name = "shared retry", max = 5)]
    pub async fn five_retries() -> Result<u32, Rejected> {
        Ok(5)
    }

    /// Declared nowhere.
    ///
    /// # Errors
    ///
    /// None.
    #[timeout(name = "shared timeout")]
    pub async fn refers_to_nothing() -> Result<u32, Rejected> {
        Ok(0)
    }
}
