//! The checkpoint: tag pages, epoch pages and then a header that names them; afterwards the ring begins anew.
//!
//! Two syncs. Data, tag pages and epoch pages are made durable by the first, the header alone by the second, so a header
//! that authenticates proves that everything it names had landed, and a tag page can be read as late as one likes.
//!
//! **Invariant:** only copies that no durable header names are written; the file is never cut below what the durable
//! header needs.

use std::collections::{BTreeMap, BTreeSet};

use super::error::FileError;
use super::groups::Shared;
use super::header::{Follow, Header};
use super::layout::{PAGE, RUN_GROUPS, Side, groups_for, runs_for};
use super::steps::Step;
use super::tags::{Place, seal_places, seal_tags};
use super::writer::{Rewrite, Run, Writer};

impl Writer {
    /// Writes the whole state outside the ring.
    pub(super) fn checkpoint(&mut self, shared: &Shared) -> Result<(), FileError> {
        self.checkpoint_before(shared, Follow::Records)
    }

    /// The same, with a header that says what follows it.
    pub(super) fn checkpoint_before(&mut self, shared: &Shared, follow: Follow) -> Result<(), FileError> {
        let epoch = self.epoch + 1;
        let (len, image) = (shared.len(), shared.image());
        let groups = groups_for(len);
        let placed = self.write_tags(shared, epoch, groups)?;
        let runs = self.write_places(shared, epoch, groups, &placed)?;
        if Step::SyncBeforeHeader.is_taken() {
            shared.medium.sync()?;
        }

        let macs: Vec<_> = runs.iter().filter_map(|run| run.current).map(|(_, mac)| mac).collect();
        let (root, seed, recent) = (shared.cipher.root(&macs), self.nonces.random(), self.recent.clone());
        let header = Header { epoch, image, len, root, seed, follow, recent };
        let side = Step::SecondHeader.beside(self.side);
        let bytes = header.seal(&shared.cipher, side, self.nonces.fresh())?;
        self.write_last(shared, &[(shared.layout.header(side), bytes)])?;

        for (group, place) in placed {
            shared.group(group)?.state_mut().place = Some(place);
        }
        self.runs = runs;
        shared.truncate(groups);
        self.begin_chain(header, side);
        let end = shared.layout.end(len);
        if shared.medium.len()? > end {
            shared.medium.set_len(end)?;
        }
        Ok(())
    }

    /// Writes the other tag page of every group that changed.
    fn write_tags(&mut self, shared: &Shared, epoch: u64, groups: u64) -> Result<BTreeMap<u64, Place>, FileError> {
        let mut placed = BTreeMap::new();
        for &number in self.dirty.range(..groups) {
            let group = shared.group(number)?;
            let mut state = group.state_mut();
            let side = state.place.map_or(Side::A, |place| Step::SecondTagPage.beside(place.side));
            let entries = state.entries(shared, number)?;
            let (page, mac) = seal_tags(&shared.cipher, number, side, epoch, self.nonces.fresh(), entries)?;
            shared.medium.write(shared.layout.tag_page(number, side), &page)?;
            placed.insert(number, Place { side, epoch, mac });
        }
        Ok(placed)
    }

    /// Writes the other copy of every epoch page that is no longer true, and returns all runs as they will be.
    fn write_places(
        &mut self,
        shared: &Shared,
        epoch: u64,
        groups: u64,
        placed: &BTreeMap<u64, Place>,
    ) -> Result<Vec<Run>, FileError> {
        let mut touched: BTreeSet<u64> = placed.keys().map(|group| group / RUN_GROUPS).collect();
        if shared.count() > groups {
            // The page of the run that is cut must no longer name the groups that go.
            touched.insert(groups / RUN_GROUPS);
        }
        let mut runs = self.runs.clone();
        runs.resize(runs_for(groups) as usize, Run { current: None, rewrite: Rewrite::Yes });
        for (number, run) in (0..).zip(&mut runs) {
            if run.rewrite == Rewrite::No && !touched.contains(&number) {
                continue;
            }
            let mut places = Vec::with_capacity(RUN_GROUPS as usize);
            for group in number * RUN_GROUPS..groups.min((number + 1) * RUN_GROUPS) {
                let place = placed.get(&group).copied();
                places.push(if place.is_some() { place } else { shared.group(group)?.state().place });
            }
            let side = run.current.map_or(Side::A, |(side, _)| Step::SecondEpochPage.beside(side));
            let (page, mac) = seal_places(&shared.cipher, number, side, epoch, self.nonces.fresh(), &places)?;
            debug_assert_eq!(page.len() as u64, PAGE);
            shared.medium.write(shared.layout.epoch_page(number, side), &page)?;
            *run = Run { current: Some((side, mac)), rewrite: Rewrite::No };
        }
        Ok(runs)
    }
}
