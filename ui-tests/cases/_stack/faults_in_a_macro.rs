use failsafe::{Rejected, retry};

macro_rules! client {
    ($name:ident, $max:literal) => {
        #[retry(max = $max, bakoff = "1s..10s")]
        async fn $name() -> Result<String, Rejected> {
            Ok("hello".to_owned())
        }
    };
}

client!(greeting, "three");

fn main() {}
