use failsafe::{Rejected, cache};

struct Names {
    all: Vec<String>,
}

impl Names {
    #[cache(key = place)]
    fn name(&self, place: usize) -> Option<&str> {
        self.all.get(place).map(String::as_str)
    }

    #[cache(key = place)]
    async fn later<'a>(&'a self, place: usize) -> Result<std::borrow::Cow<'a, str>, Rejected> {
        Ok(self.all[place].as_str().into())
    }
}

fn main() {}
