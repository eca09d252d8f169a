use failsafe::hedge;

struct Body;

fn send(_: Body) {}

#[hedge("50ms")]
async fn call(body: Body) -> Result<u32, std::io::Error> {
    send(body);
    Ok(1)
}

fn main() {}
