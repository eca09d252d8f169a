use failsafe::{Rejected, retry, timeout};

#[retry(max = 3)]
#[timeout("1s")]
async fn greeting(id: u64) -> Result<String, Rejected> {
    if id == 0 {
        return Err("nobody");
    }
    let name: u32 = "seven";
    Ok(format!("hello {name}"))
}

#[retry(max = 3)]
fn farewell() -> Result<String, Rejected> {
    println!("bye");
}

fn main() {}
