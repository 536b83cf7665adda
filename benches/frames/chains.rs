//! Whole chains; their budgets stand in the README.

use std::hint::black_box;

use criterion::Criterion;

use crate::chain_load::{ChainKind, ChainLoad};

pub(crate) fn bench(criterion: &mut Criterion) {
    for kind in ChainKind::ALL {
        let mut load = ChainLoad::new(kind);
        criterion.bench_function(&format!("frames/{}", kind.name()), |bencher| {
            bencher.iter(|| {
                load.next_frame(|frame| {
                    black_box(frame);
                })
            });
        });
    }
}
