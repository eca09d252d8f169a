use failsafe::retry;

#[derive(Debug)]
enum Error {
    Busy,
    Status(u16),
}

type Greeting = Result<String, Error>;

#[retry(max = 3, handle(Err(Error::Busy)), abort(Err(Error::Busy)))]
async fn same() -> Greeting {
    Err(Error::Busy)
}

#[retry(max = 3, handle(Err(Error::Status(503) | Error::Busy)), abort(Err(_)))]
async fn all() -> Greeting {
    Err(Error::Status(503))
}

#[retry(max = 3, abort(Err(error)))]
async fn any_failure() -> Greeting {
    Err(Error::Busy)
}

#[retry(max = 3, abort(None))]
async fn nothing() -> Option<u32> {
    None
}

// Some are left.
#[retry(max = 3, handle(Err(Error::Status(_)) | Err(Error::Busy)), abort(Err(Error::Status(400))))]
async fn some() -> Greeting {
    Err(Error::Busy)
}

fn main() {}
