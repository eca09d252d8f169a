use failsafe::hedge;

#[hedge("50ms")]
async fn call(id: u32, seen: &mut Vec<u32>) -> Result<u32, std::io::Error> {
    seen.push(id);
    Ok(id)
}

fn main() {}
