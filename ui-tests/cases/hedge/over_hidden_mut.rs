use failsafe::hedge;

#[hedge("50ms")]
async fn call(seen: Option<&mut Vec<u32>>) -> Result<u32, std::io::Error> {
    Ok(seen.map_or(0, |seen| seen.len() as u32))
}

fn main() {}
