use failsafe::retry;

#[retry(max = 3)]
async fn first<'a>(buffer: &'a mut Vec<u8>, _index: &usize) -> Option<&'a mut u8> {
    buffer.first_mut()
}

#[retry(max = 3)]
fn last(buffer: &mut [u8]) -> Option<&u8> {
    buffer.last()
}

fn main() {}
