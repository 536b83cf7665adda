//! Cost of 20 ms on a carrier's socket: a media message to encoded audio, and encoded audio to a
//! message. Marks, five a second, are part of what goes out.

mod stream_load;

use criterion::{Criterion, criterion_group, criterion_main};
use offhook_telephony::Carrier;
use stream_load::StreamLoad;

fn messages(criterion: &mut Criterion) {
    for carrier in Carrier::ALL {
        let mut load = StreamLoad::new(carrier);
        criterion.bench_function(&format!("dialects/{carrier}_in"), |bencher| {
            bencher.iter(|| load.hear());
        });
        let mut load = StreamLoad::new(carrier);
        criterion.bench_function(&format!("dialects/{carrier}_out"), |bencher| {
            bencher.iter(|| load.speak());
        });
    }
}

criterion_group!(dialects, messages);
criterion_main!(dialects);
