use failsafe::timeout;

#[timeout("1s")]
async fn serve() -> ! {
    loop {}
}

fn main() {}
