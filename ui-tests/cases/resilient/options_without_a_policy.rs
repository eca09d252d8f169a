use failsafe::resilient;

struct Client;

#[resilient(max = 3)]
impl Client {
    async fn get(&self) -> Option<u32> {
        None
    }
}

#[resilient("10s")]
impl Client {
    async fn put(&self) -> Option<u32> {
        None
    }
}

#[resilient(timeout = "10s")]
impl Client {
    async fn post(&self) -> Option<u32> {
        None
    }
}

#[resilient(retry(max = 3) timeout("1s"))]
impl Client {
    async fn patch(&self) -> Option<u32> {
        None
    }
}

#[resilient(skip)]
impl Client {
    async fn delete(&self) -> Option<u32> {
        None
    }
}

fn main() {}
