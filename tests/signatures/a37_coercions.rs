//! Returns which are coerced: `&String` to `&str`, `Box<T>` to `Box<dyn Trait>`; `Cow`.

use std::borrow::Cow;
use std::fmt::Display;

use failsafe::{fallback, retry, timeout};

use super::support::send;

#[derive(Default)]
struct Service {
    text: String,
}

impl Service {
    #[retry(max = 2)]
    #[timeout("1s")]
    async fn text(&self) -> Result<&str, String> {
        tokio::task::yield_now().await;
        Ok(&self.text)
    }

    #[fallback(with = |_| Ok(""))]
    #[timeout("1s")]
    async fn once(&self) -> Result<&str, String> {
        tokio::task::yield_now().await;
        Ok(&self.text)
    }

    #[retry(max = 2)]
    async fn cow(&self, own: bool) -> Option<Cow<'_, str>> {
        Some(if own { Cow::Owned(self.text.clone()) } else { Cow::Borrowed(&self.text) })
    }

    #[retry(max = 2)]
    async fn object(&self) -> Result<Box<dyn Display + '_>, String> {
        Ok(Box::new(&self.text))
    }

    #[retry(max = 2)]
    fn blocking(&self) -> Option<&str> {
        Some(&self.text)
    }
}

#[tokio::test(start_paused = true)]
async fn are_made() {
    let service = Service { text: "text".into() };
    assert_eq!(send(service.text()).await, Ok("text"));
    assert_eq!(send(service.once()).await, Ok("text"));
    assert_eq!(send(service.cow(true)).await.unwrap(), "text");
    assert_eq!(service.object().await.unwrap().to_string(), "text");
    assert_eq!(service.blocking(), Some("text"));
}
