use failsafe::{Failure, Rejected, fallback};

mod answers {
    use super::{Failure, Rejected};

    fn nobody(_: Failure<Result<u32, Rejected>>) -> Result<u32, Rejected> {
        Ok(0)
    }
}

#[fallback(with = answers::nobody)]
async fn greeting() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
