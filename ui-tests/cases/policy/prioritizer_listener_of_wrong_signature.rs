use failsafe::{Prioritizer, policy};

fn alert(service: &str) {
    println!("{service} sheds load");
}

static SHEDDING: Prioritizer = policy!(prioritizer(on_threshold_changed = alert));

fn main() {}
