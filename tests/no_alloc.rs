//! Nothing on the frame path allocates: every chain, over calls with speech, silence, double-talk,
//! echo and keys; every carrier's media messages, in both directions.

#[path = "../benches/frames/chain_load.rs"]
mod chain_load;
#[path = "../benches/dialects/stream_load.rs"]
mod stream_load;

use allocation_counter::measure;
use chain_load::{CALL_FRAMES, ChainKind, ChainLoad};
use offhook_telephony::Carrier;
use stream_load::StreamLoad;

/// More than three minutes of a call.
const FRAMES: usize = 10_000;

#[test]
fn no_chain_allocates_over_ten_thousand_frames() {
    for kind in ChainKind::ALL {
        let mut load = ChainLoad::new(kind);
        let mut processed = 0;
        let counted = measure(|| {
            for _ in 0..FRAMES {
                processed += usize::from(load.next_frame(|_| ()) > 0);
            }
        });
        assert_eq!(processed, FRAMES, "{}", kind.name());
        assert_eq!(counted.count_total, 0, "{}: {counted:?}", kind.name());
    }
}

#[test]
fn no_dialect_allocates_over_ten_thousand_messages() {
    for carrier in Carrier::ALL {
        let mut load = StreamLoad::new(carrier);
        // The buffers grow to the largest message once.
        for _ in 0..20 {
            assert!(load.hear() > 0 && load.speak() > 0, "{carrier}");
        }
        let (mut heard, mut spoken) = (0, 0);
        let inbound = measure(|| (0..FRAMES).for_each(|_| heard += usize::from(load.hear() > 0)));
        let outbound = measure(|| (0..FRAMES).for_each(|_| spoken += load.speak()));
        assert_eq!(heard, FRAMES, "{carrier}");
        assert!(spoken > FRAMES * 160, "{carrier}: {spoken} bytes");
        assert_eq!(inbound.count_total, 0, "{carrier}: {inbound:?}");
        assert_eq!(outbound.count_total, 0, "{carrier}: {outbound:?}");
    }
}

#[test]
fn the_load_holds_what_a_call_holds() {
    for kind in [ChainKind::InboundLight, ChainKind::InboundNeural] {
        let mut load = ChainLoad::new(kind);
        let (mut open, mut keys, mut guarded) = (0, 0, 0);
        for _ in 0..CALL_FRAMES {
            load.next_frame(|frame| {
                open += usize::from(frame.gate.is_open);
                keys += usize::from(frame.dtmf.started.is_some());
                guarded += usize::from(frame.echo.far_active);
            });
        }
        let name = kind.name();
        assert!((300..1_200).contains(&open), "{name}: {open} frames of speech");
        assert_eq!(keys, 1, "{name}");
        assert!(guarded > 500, "{name}: {guarded} frames with an active far end");
    }
}
