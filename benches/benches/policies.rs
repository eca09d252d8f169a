//! The cases of the table in criterion, for its statistics and for comparing with a saved baseline.
//!
//! `cargo bench -p failsafe-benches --bench policies -- stack`

use criterion::{Criterion, criterion_group, criterion_main};
use failsafe_benches::cases;

fn policies(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a timer needs no resources");
    let _entered = runtime.enter();

    for mut case in cases() {
        let id = format!("{}/{}", case.group.name(), case.contender);
        criterion.bench_function(&id, |bencher| bencher.iter_custom(|calls| case.timed(calls)));
    }
}

criterion_group!(benches, policies);
criterion_main!(benches);
