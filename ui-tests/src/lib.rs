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
