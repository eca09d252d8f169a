//! `async_trait` with `&mut self`, `mut`, patterns, unit, `Box<Self>`.

use failsafe::{fallback, retry, timeout};

use super::support::Runs;

static RUNS: Runs = Runs::new();
static BOXED: Runs = Runs::new();

#[async_trait::async_trait]
trait Job: Send {
    async fn run(
        &mut self,
        text: String,
        pair: (u32, u32),
        out: &mut Vec<u32>,
    ) -> Result<String, String>;
    async fn unit(&mut self);
    async fn finish(self: Box<Self>) -> Result<u32, String>;
    async fn own(self) -> Result<u32, String>
    where
        Self: Sized;
}

#[derive(Default, Clone)]
struct Count {
    calls: u32,
}

#[async_trait::async_trait]
impl Job for Count {
    #[retry(max = 2)]
    #[timeout("1s")]
    async fn run(
        &mut self,
        mut text: String,
        (a, mut b): (u32, u32),
        out: &mut Vec<u32>,
    ) -> Result<String, String> {
        self.calls += 1;
        text.push('x');
        b += a;
        out.push(b);
        tokio::task::yield_now().await;
        if self.calls == 3 { Ok(text) } else { Err("early".into()) }
    }

    #[fallback(value = ())]
    #[timeout("1s")]
    async fn unit(&mut self) {
        tokio::task::yield_now().await;
        self.calls += 1;
    }

    #[retry(max = 2)]
    async fn finish(self: Box<Self>) -> Result<u32, String> {
        BOXED.third().map(|run| run + self.calls)
    }

    #[retry(max = 2)]
    async fn own(mut self) -> Result<u32, String> {
        self.calls += 1;
        RUNS.third().map(|_| self.calls)
    }
}

#[tokio::test(start_paused = true)]
async fn all_run() {
    let task = tokio::spawn(async {
        let mut job: Box<dyn Job> = Box::new(Count::default());
        let mut out = Vec::new();
        let text = job.run("t".into(), (1, 2), &mut out).await;
        assert_eq!((text.unwrap().as_str(), out), ("tx", vec![3, 3, 3]));
        job.unit().await;
        job.finish().await
    });
    assert_eq!(task.await.unwrap(), Ok(7));
    assert_eq!(Count::default().own().await, Ok(1));
}
