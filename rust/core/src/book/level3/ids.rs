//! Order ids as keys.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Order ids are random UUIDs: folding their halves is hash enough, and no peer chooses them to collide.
#[derive(Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u128(&mut self, id: u128) {
        // Both halves of the product together depend on every bit, so that ids which differ in few of them, wherever
        // these are, as hand-made ones do, spread as well.
        let folded = (id >> 64) as u64 ^ id as u64;
        let product = u128::from(folded) * 0x9E37_79B9_7F4A_7C15;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}

/// A map by order id.
pub(super) type IdMap<V> = HashMap<u128, V, BuildHasherDefault<IdHasher>>;

/// A set of order ids.
pub(super) type IdSet = HashSet<u128, BuildHasherDefault<IdHasher>>;
