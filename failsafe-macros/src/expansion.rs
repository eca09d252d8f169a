//! What the attributes expand to, as people read it in the output of `cargo expand`: one function for each policy, and
//! one stack. The snapshots are in `snapshots/`; after a change `INSTA_UPDATE=always cargo test -p failsafe-macros` writes
//! them anew; read each as a user would.

use crate::{instance, named, resilient, stack};
use proc_macro2::TokenStream;
use quote::quote;
use std::str::FromStr as _;

/// A function for each policy, with what is written most.
const FUNCTIONS: &[(&str, &str)] = &[
    (
        "retry",
        r#"
        #[retry(max = 3, backoff = "1s..10s", handle(Err(Error::Status(503))))]
        async fn get(&self, id: u64) -> Result<String, Error> {
            self.http.get(id).await
        }
        "#,
    ),
    (
        "circuit_breaker",
        r#"
        #[circuit_breaker(name = "svcB", failures = "3/5", delay = "1m")]
        async fn get(&self, id: u64) -> Result<String, Error> {
            self.http.get(id).await
        }
        "#,
    ),
    (
        "timeout",
        r#"
        #[timeout("10s")]
        async fn get(&self, id: u64) -> Result<String, Error> {
            self.http.get(id).await
        }
        "#,
    ),
    (
        "fallback",
        r"
        #[fallback(with = |_| Ok(self.unavailable.clone()))]
        async fn get(&self, id: u64) -> Result<String, Error> {
            self.http.get(id).await
        }
        ",
    ),
    (
        "rate_limiter",
        r#"
        #[rate_limiter(smooth = "100/s", wait = "50ms", key = tenant)]
        fn get(tenant: &str) -> Option<String> {
            fetch(tenant)
        }
        "#,
    ),
    (
        "hedge",
        r#"
        #[hedge("50ms", max = 2, cancel_if = |found| found.is_ok())]
        async fn get(&self, id: u64) -> Result<String, Error> {
            self.http.get(id).await
        }
        "#,
    ),
    (
        "feature_toggle",
        r#"
        #[feature_toggle(name = "new-search", when = |query: &str| query.len() > 3)]
        fn search(query: &str) -> Option<u32> {
            find(query)
        }
        "#,
    ),
    (
        "adaptive_throttler",
        r#"
        #[adaptive_throttler(failure_rate = "10% of 20 in 1m", prioritizer = SHEDDING, user = tenant)]
        async fn search(tenant: &str, query: String) -> Result<u32, Error> {
            find(query).await
        }
        "#,
    ),
    (
        "bulkhead",
        r"
        #[bulkhead(SEARCHES, on_full = |event| warn(event.name()))]
        async fn search(query: String) -> Result<u32, Error> {
            find(query).await
        }
        ",
    ),
    (
        "fail_fast",
        r#"
        #[fail_fast(failures = 3, probe = || self.http.ping(), every = "10s", on_failed = |event| warn(event.name()))]
        async fn get(&self, id: u64) -> Result<String, Error> {
            self.http.get(id).await
        }
        "#,
    ),
    (
        "cache",
        r#"
        #[cache(key = (tenant, id), ttl = "30s", on_hit = |event| note(event.name()))]
        async fn user(tenant: &str, id: u64) -> Result<User, Error> {
            find(tenant, id).await
        }
        "#,
    ),
    (
        "adaptive_limiter",
        r#"
        #[adaptive_limiter(
            limits = "1..100",
            queue = "2..3",
            max_limit_with = |in_flight| in_flight * 2,
            prioritizer = SHEDDING,
            priority = priority,
            on_limit_changed = |event| note(event.to()),
        )]
        async fn search(query: String, priority: Priority) -> Result<u32, Error> {
            find(query).await
        }
        "#,
    ),
];

const STACK: &str = r#"
    #[fallback(with = |_| Ok(self.unavailable.clone()))]
    #[retry(max = 3, backoff = "1s..10s")]
    #[circuit_breaker(name = "svcB", failures = "3/5", delay = "1m")]
    #[timeout("10s")]
    async fn greeting(&self, id: u64) -> Result<Greeting, Error> {
        Ok(self.http.get(self.url(id)).send().await?.json().await?)
    }
"#;

/// A stack without code of the function's own.
const STEPS: &str = r#"
    #[retry(max = 3, backoff = "1s..10s")]
    #[circuit_breaker(name = "svcB", failures = "3/5", delay = crate::DELAY)]
    #[timeout("10s")]
    async fn greeting(&self, id: u64) -> Result<Greeting, Error> {
        Ok(self.http.get(self.url(id)).send().await?.json().await?)
    }
"#;

/// The expansion of a method under its attributes, as `cargo expand` shows it.
fn expansion(function: &str) -> String {
    let item: syn::ItemFn = syn::parse_str(function)
        .or_else(|_| syn::parse_str(&function.replace("&self", "self: &Self")))
        .expect("the functions are valid");
    let entries = item.attrs.iter().map(|attr| {
        let syn::Meta::List(list) = &attr.meta else { panic!("an attribute has options") };
        let (path, options) = (&list.path, &list.tokens);
        quote!(#path(#options))
    });
    let entries = quote!(#(#entries),*);
    let bare = TokenStream::from_str(function.split("]\n").last().expect("there is a function"));
    pretty(&stack::expand(entries, bare.expect("the functions are valid")))
}

fn pretty(tokens: &TokenStream) -> String {
    // Methods are no items of a file: they are shown in an `impl`.
    let file: syn::File = syn::parse2(quote!(impl Service { #tokens })).expect("it is valid code");
    prettyplease::unparse(&file)
}

#[test]
fn expansions_of_functions() {
    for policy in failsafe_config::policies() {
        let function = FUNCTIONS.iter().find(|(name, _)| *name == policy.name);
        let (name, function) =
            function.unwrap_or_else(|| panic!("no function for {}", policy.name));
        insta::assert_snapshot!(*name, expansion(function), function);
    }
    insta::assert_snapshot!("stack", expansion(STACK), STACK);
    insta::assert_snapshot!("steps", expansion(STEPS), STEPS);
}

#[test]
fn expansion_of_a_static() {
    let written = r#"circuit_breaker(name = "svcB", failures = 5)"#;
    let value = instance::expand(TokenStream::from_str(written).expect("it is valid"));
    let item = quote!(const SVC_B: CircuitBreaker = #value;);
    insta::assert_snapshot!("policy", pretty(&item), written);
}

const DECLARATION: &str = r#"
    /// How payments are made.
    pub(crate) PAYMENTS =
        #[retry(max = crate::RETRIES)]
        #[timeout("10s")];
"#;

const BLOCK: &str = r"
    impl Client {
        const MAX: u32 = { 3 };

        fn new() -> Self {
            Self
        }

        #[retry(max = 5)]
        async fn get(&self, id: u64) -> Result<String, Error> {
            self.http.get(id).await
        }
    }
";

const TRAIT: &str = r"
    pub trait Store: Send + Sync {
        type Key;
        fn name(&self) -> &str;
        #[retry(max = 5)]
        async fn get(&self, key: &Self::Key) -> Result<String, Error>;
        fn put<V: Value>(&mut self, _: V) -> impl Future<Output = Result<(), Error>> + Send;
    }
";

/// A stack is a macro, and defaults are attributes: what the functions then become is that of the attributes.
#[test]
fn expansions_of_names_and_blocks() {
    let tokens = |text: &str| TokenStream::from_str(text).expect("it is valid");
    let file = |tokens: TokenStream| {
        prettyplease::unparse(&syn::parse2(tokens).expect("it is valid code"))
    };
    insta::assert_snapshot!("named_stack", file(named::declare(tokens(DECLARATION))), DECLARATION);
    let policies = r#"circuit_breaker(failures = 5), timeout("10s")"#;
    for (name, item) in [("resilient_block", BLOCK), ("resilient_trait", TRAIT)] {
        let expanded = resilient::last(&tokens(policies), tokens(item));
        insta::assert_snapshot!(name, file(expanded), item);
    }
}

/// Completion, and whoever calls the function, need it while its attributes are being written.
#[test]
fn a_broken_attribute_is_one_error_beside_the_function_as_it_was_written() {
    let function =
        "async fn get(&self, id: u64) -> Result<String, Error> { self.http. get(id).await }";
    let item = TokenStream::from_str(function).expect("it is valid");
    for policy in failsafe_config::policies() {
        let name = policy.name;
        for options in ["nonsense = 1", "name =", "= 3", "name = 3", "on_success(|_| {})"] {
            let Ok(entry) = TokenStream::from_str(&format!("{name}({options})")) else { continue };
            let expanded = stack::expand(entry, item.clone()).to_string();
            let (at, errors) = (format!("{name}({options}):"), expanded.matches("compile_error"));
            assert_eq!(errors.count(), 1, "{at} {expanded}");
            assert!(expanded.contains(&item.to_string()), "{at} {expanded}");
        }
    }
}
