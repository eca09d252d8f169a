use failsafe::retry;

unsafe extern "C" {
    #[retry(max = 3)]
    safe fn abs(number: i32) -> i32;
}

fn main() {}
