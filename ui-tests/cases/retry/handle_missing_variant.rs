use failsafe::retry;

#[derive(Debug)]
enum Error {
    Status(u16),
}

#[retry(handle(Err(Error::Connect(_))))]
async fn greeting() -> Result<String, Error> {
    Err(Error::Status(503))
}

fn main() {}
