use failsafe::resilient;

struct Client;

#[resilient(retry(max = 3), timeout("1s"))]
impl Client {
    #[resilient(skip(retyr))]
    async fn misspelt(&self) -> Option<u32> {
        None
    }

    #[resilient(skip(bulkhead))]
    async fn not_there(&self) -> Option<u32> {
        None
    }

    #[resilient(skpi)]
    async fn no_word(&self) -> Option<u32> {
        None
    }

    #[resilient(retry(max = 5))]
    async fn instead(&self) -> Option<u32> {
        None
    }

    #[resilient(skip)]
    #[resilient]
    async fn twice(&self) -> Option<u32> {
        None
    }
}

fn main() {}
