//! A stack of the settings that follows its file.

use super::load::Alone;
use failsafe::circuit_breaker::State;
use failsafe::settings::{Watch, stack};
use failsafe::{Kind, Rejected, registry};
use std::fs;

#[test]
fn a_stack_follows_its_file() {
    let _alone = Alone::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("failsafe.toml");
    fs::write(&file, "[stacks.orders]\npolicies = [{ circuit_breaker = { delay = '1m' } }]")
        .unwrap();
    let watcher = Watch::new().file(&file).env().start().unwrap();
    let orders = stack("orders").unwrap().blocking().unwrap();
    let fails = || orders.run(|| Err::<u32, _>("down".to_owned()));
    assert_eq!(fails().unwrap_err(), "down");
    let breaker = registry().circuit_breaker("orders").unwrap();
    assert_eq!(breaker.state(), State::Open);
    let two = "[stacks.orders]\npolicies = [{ retry = { max = 1 } }, { circuit_breaker = { delay = '2m' } }]";
    fs::write(&file, two).unwrap();
    let applied = watcher.reload().unwrap().to_string();
    let line = |says: &str| applied.lines().any(|line| line.starts_with(says));
    assert!(line("circuit_breaker `orders` delay: \"1m\" -> \"2m\" (stack "), "{applied}");
    let says = "stack `orders` policies: [\"circuit_breaker.orders\"] -> [\"retry.orders\", \
                \"circuit_breaker.orders\"] (stack ";
    assert!(line(says), "{applied}");
    assert_eq!(breaker.state(), State::Open);
    let refused: Result<u32, Rejected> = orders.run(|| unreachable!("the breaker is open"));
    assert_eq!(refused.unwrap_err().kind(), Kind::CircuitOpen);
    // Refused as a whole: the stack is in use.
    fs::write(&file, "[stacks.others]\npolicies = [{ bulkhead = 1 }]").unwrap();
    let error = watcher.reload().unwrap_err().to_string();
    assert!(error.ends_with("the program uses it, and these settings do not define it"), "{error}");
    assert!(stack("orders").is_ok() && watcher.rejected().is_some());
}

/// What the files say is judged together, and a fault of one is no fault of the next.
#[test]
fn several_files_are_judged_together() {
    let _alone = Alone::new();
    let folder = tempfile::tempdir().unwrap();
    let [base, local] = ["base.toml", "local.toml"].map(|name| folder.path().join(name));
    let write = |first: &str, second: &str| {
        fs::write(&base, first).unwrap();
        fs::write(&local, second).unwrap();
    };
    let stack =
        "[stacks.several]\npolicies = [{ retry = { backoff = '1s..10s', name = 'of several' } }]";
    write(stack, "[retry.'of several']\nfactor = 3");
    let watcher = Watch::new().file(&base).file(&local).start().unwrap();
    write(&stack.replace("name", "nam"), "[retry.'of several']\nfactor = 2");
    let error = watcher.reload().unwrap_err();
    assert_eq!(error.faults().len(), 1, "{error}");
    assert!(error.to_string().contains("unknown option `nam`"), "{error}");
    // Nor is one that cannot be read, as a whole or in part.
    for broken in
        ["[stacks.several]\npolicies = [{ retry", &stack.replacen('\n', "\nmax = = 3\n", 1)]
    {
        write(broken, "[retry.'of several']\nfactor = 2\n[retry.'of sev*']\nmax = 3");
        let error = watcher.reload().unwrap_err();
        assert_eq!(error.faults().len(), 1, "{error}");
    }
    fs::remove_file(&base).unwrap();
    let error = watcher.reload().unwrap_err();
    assert_eq!(error.faults().len(), 1, "{error}");
    assert!(error.to_string().contains("base.toml: it cannot be read: "), "{error}");
    write(stack, "[retry.'of several']\nmax_duration = '500ms'");
    let error = watcher.reload().unwrap_err().to_string();
    assert!(error.contains("the first delay of 1s does not fit"), "{error}");
}
