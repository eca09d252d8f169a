use failsafe::{Rejected, cache};

struct User {
    id: u64,
}

#[cache(key = id)]
async fn user(id: u64) -> Result<User, Rejected> {
    Ok(User { id })
}

#[cache(key = id)]
fn plain(id: u64) -> User {
    User { id }
}

fn main() {}
