//! One side of a ladder: prices in order, the touch at the cheap end.

/// A price level's place: what orders it, and where its record lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rung {
    /// Rises towards the touch on both sides; see [`Side::rank`](super::Side::rank).
    pub rank: i64,
    pub slot: u32,
}

/// The rungs of one side. Ranks rise strictly, so the best is the last and a change near the touch
/// moves little.
#[derive(Debug, Clone, Default)]
pub(super) struct Rungs(Vec<Rung>);

impl Rungs {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn best(&self) -> Option<Rung> {
        self.0.last().copied()
    }

    /// Iterates from the best to the worst.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Rung> + '_ {
        self.0.iter().rev().copied()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Rung> {
        self.0.iter_mut()
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Finds the rung with `rank`, or the place where it belongs.
    #[inline]
    pub fn find(&self, rank: i64) -> Result<usize, usize> {
        self.0.binary_search_by_key(&rank, |rung| rung.rank)
    }

    pub fn at(&self, index: usize) -> Rung {
        self.0[index]
    }

    /// Puts a rung at the place [`find`](Self::find) told.
    pub fn insert(&mut self, index: usize, rung: Rung) {
        self.0.insert(index, rung);
    }

    pub fn remove(&mut self, index: usize) -> Rung {
        self.0.remove(index)
    }

    /// Takes the worst rungs away until `limit` are left.
    pub fn drain_beyond(&mut self, limit: usize) -> impl Iterator<Item = Rung> + '_ {
        let excess = self.0.len().saturating_sub(limit);
        self.0.drain(..excess)
    }

    /// Takes rungs that come best first, if they really do; returns whether they did.
    pub fn fill_sorted(&mut self, best_first: impl DoubleEndedIterator<Item = Rung>) -> bool {
        self.0.clear();
        self.0.extend(best_first.rev());
        let is_sorted = self.0.windows(2).all(|pair| pair[0].rank < pair[1].rank);
        if !is_sorted {
            self.0.clear();
        }
        is_sorted
    }
}
