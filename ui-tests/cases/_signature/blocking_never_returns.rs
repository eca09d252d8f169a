use failsafe::circuit_breaker;

#[circuit_breaker(failures = 3)]
fn serve() -> ! {
    loop {}
}

fn main() {}
