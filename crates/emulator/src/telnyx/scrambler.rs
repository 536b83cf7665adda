//! Messages that overtake each other.

use crate::Reordering;

/// Lets some messages be overtaken by those behind them; the same seed gives the same order.
#[derive(Debug)]
pub(super) struct Scrambler {
    reordering: Option<Reordering>,
    random: fastrand::Rng,
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    text: String,
    /// Messages that still go first.
    overtaken_by: u8,
}

impl Scrambler {
    pub(super) fn new(reordering: Option<Reordering>, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed ^ ORDER_STREAM);
        Self { reordering, random, held: None }
    }

    /// Hands on a message, or holds it until others have gone first.
    pub(super) fn pass(&mut self, text: String, mut send: impl FnMut(String)) {
        if let Some(held) = &mut self.held {
            send(text);
            held.overtaken_by -= 1;
            if held.overtaken_by == 0 {
                self.flush(send);
            }
            return;
        }
        match self.reordering {
            Some(Reordering { percent, overtaken_max }) if self.random.u8(..100) < percent => {
                let overtaken_by = self.random.u8(1..=overtaken_max.max(1));
                self.held = Some(Held { text, overtaken_by });
            }
            Some(_) | None => send(text),
        }
    }

    /// Hands on what is held.
    pub(super) fn flush(&mut self, mut send: impl FnMut(String)) {
        if let Some(held) = self.held.take() {
            send(held.text);
        }
    }
}

/// Keeps the order apart from other random numbers of the same seed.
const ORDER_STREAM: u64 = 0x04DE;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_overtaken_by_no_more_than_allowed_and_none_is_lost() {
        let reordering = Reordering { percent: 30, overtaken_max: 3 };
        let mut scrambler = Scrambler::new(Some(reordering), 7);
        let mut order = Vec::new();
        for index in 0..500 {
            scrambler.pass(index.to_string(), |text| order.push(text));
        }
        scrambler.flush(|text| order.push(text));
        let order: Vec<i32> = order.iter().map(|text| text.parse().unwrap()).collect();
        let places: Vec<i32> =
            order.iter().enumerate().map(|(place, index)| place as i32 - index).collect();
        assert!(places.iter().all(|moved| (-1..=3).contains(moved)), "{places:?}");
        assert!(places.iter().filter(|moved| **moved > 0).count() > 50, "{places:?}");
        let mut sorted = order;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..500).collect::<Vec<i32>>());
    }
}
