use failsafe::retry;

struct Conn;
struct Guard;

async fn send(_conn: &Conn, _guard: Guard) -> Result<(), String> {
    Ok(())
}

#[retry(max = 3)]
async fn greeting(conn: Conn, guard: Guard) -> Result<(), String> {
    send(&conn, guard).await
}

fn main() {}
