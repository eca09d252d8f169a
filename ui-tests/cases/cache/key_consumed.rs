use failsafe::cache;

#[cache(key = name, on_cached = |_| println!("{name} is kept"))]
fn greeting(name: String) -> String {
    name + "!"
}

fn main() {}
