//! A tonic-like client: `&mut self` and an owned request; `{self:?}`, a nested implementation.

use failsafe::{retry, timeout};

use super::support::send;

#[derive(Clone)]
struct Request(String);

#[derive(Debug, Default)]
struct Client {
    calls: u32,
}

impl Client {
    #[retry(max = 2)]
    #[timeout("1s")]
    async fn call(&mut self, request: Request) -> Result<String, String> {
        struct Nested(u32);
        impl Nested {
            fn get(&self) -> u32 {
                self.0
            }
        }
        fn outer(nested: &Nested) -> u32 {
            nested.get()
        }
        macro_rules! calls {
            () => {
                self.calls
            };
        }
        self.calls += 1;
        let add = |n: u32| self.calls + n;
        let sum = add(outer(&Nested(1)));
        tokio::task::yield_now().await;
        let text = format!("{}{}", request.0, self.calls);
        assert_eq!(sum, calls!() + 1);
        let Request(owned) = request;
        if self.calls == 3 { Ok(text + &owned) } else { Err(text) }
    }

    #[retry(max = 2)]
    #[timeout("1s")]
    async fn show(&mut self) -> Result<String, String> {
        self.calls += 1;
        tokio::task::yield_now().await;
        if self.calls == 3 { Ok(format!("{self:?}")) } else { Err("early".into()) }
    }
}

#[tokio::test(start_paused = true)]
async fn runs_three_times() {
    let mut client = Client::default();
    assert_eq!(send(client.call(Request("r".into()))).await.unwrap(), "r3r");
    let mut client = Client::default();
    assert_eq!(send(client.show()).await.unwrap(), "Client { calls: 3 }");
}
