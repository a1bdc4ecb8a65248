//! Tag pages and epoch pages: what authenticates the data blocks, and what authenticates that.
//!
//! Both are pages of `epoch 8 ‖ nonce 24 ‖ MAC 16 ‖ body 4,000 ‖ zeros 48`. The MAC is the tag of an empty message with
//! the place `number 8 ‖ side 1 ‖ epoch 8 ‖ body and zeros`, so every byte of the page counts.
//! A tag page's body is 100 × (`nonce 24 ‖ tag 16`), one entry a block; all zeros: never written.
//! An epoch page's body is 160 × (`side 1 ‖ epoch 8 ‖ MAC 16`), one entry a group; side 0: no tag page was ever written.
//!
//! **Invariant:** a tag page is accepted only if side, epoch and MAC are those that the epoch page names.

use super::cipher::{Cipher, Mac, Nonce, Purpose};
use super::codec::{Reader, put};
use super::error::FileError;
use super::layout::{GROUP_BLOCKS, PAGE_BYTES, RUN_GROUPS, Side};

const HEAD: usize = 8 + 24 + 16;
const ENTRIES: usize = GROUP_BLOCKS as usize;
const PLACES: usize = RUN_GROUPS as usize;

/// What opens one data block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub nonce: Nonce,
    pub tag: Mac,
}

impl Entry {
    /// Of a block that was never written.
    pub(super) const EMPTY: Self = Self { nonce: [0; 24], tag: [0; 16] };
}

/// The entries of one group.
pub(super) type Entries = [Entry; ENTRIES];

/// Which tag page of a group is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub side: Side,
    pub epoch: u64,
    pub mac: Mac,
}

/// A page that authenticated.
pub(super) struct Checked {
    pub epoch: u64,
    pub mac: Mac,
    body: Vec<u8>,
}

/// A page of `purpose` ready to be written, and its MAC.
fn seal(
    cipher: &Cipher,
    purpose: Purpose,
    number: u64,
    side: Side,
    epoch: u64,
    nonce: Nonce,
    body: &mut Vec<u8>,
) -> Result<(Vec<u8>, Mac), FileError> {
    body.resize(PAGE_BYTES - HEAD, 0);
    let epoch = epoch.to_be_bytes();
    let mac = cipher.seal(purpose, &[&number.to_be_bytes(), &[side.byte()], &epoch, body], &nonce, &mut [])?;
    let mut page = Vec::with_capacity(PAGE_BYTES);
    put(&mut page, &[&epoch, &nonce, &mac, body]);
    Ok((page, mac))
}

fn open(cipher: &Cipher, purpose: Purpose, number: u64, side: Side, page: &[u8]) -> Option<Checked> {
    let mut from = Reader(page);
    let epoch = from.array::<8>()?;
    let nonce = from.array()?;
    let mac = from.array()?;
    let body = from.bytes(PAGE_BYTES - HEAD)?;
    let place: [&[u8]; 4] = [&number.to_be_bytes(), &[side.byte()], &epoch, body];
    cipher.open(purpose, &place, &nonce, &mac, &mut []).ok()?;
    Some(Checked { epoch: u64::from_be_bytes(epoch), mac, body: body.to_vec() })
}

/// The tag page of `group` for `side` at `epoch`.
pub(super) fn seal_tags(
    cipher: &Cipher,
    group: u64,
    side: Side,
    epoch: u64,
    nonce: Nonce,
    entries: &Entries,
) -> Result<(Vec<u8>, Mac), FileError> {
    let mut body = Vec::with_capacity(PAGE_BYTES);
    entries.iter().for_each(|entry| put(&mut body, &[&entry.nonce, &entry.tag]));
    seal(cipher, Purpose::TagPage, group, side, epoch, nonce, &mut body)
}

/// Reads the tag page of `group` that `place` names; nothing if it is any other.
pub(super) fn open_tags(cipher: &Cipher, group: u64, place: &Place, page: &[u8]) -> Option<Box<Entries>> {
    let page = open(cipher, Purpose::TagPage, group, place.side, page)?;
    if page.epoch != place.epoch || page.mac != place.mac {
        return None;
    }
    let mut from = Reader(&page.body);
    let mut entries = Box::new([Entry::EMPTY; ENTRIES]);
    for entry in entries.iter_mut() {
        *entry = Entry { nonce: from.array()?, tag: from.array()? };
    }
    Some(entries)
}

/// The epoch page of `run` for `side` at `epoch`; `places` are those of its groups, in order.
pub(super) fn seal_places(
    cipher: &Cipher,
    run: u64,
    side: Side,
    epoch: u64,
    nonce: Nonce,
    places: &[Option<Place>],
) -> Result<(Vec<u8>, Mac), FileError> {
    let mut body = Vec::with_capacity(PAGE_BYTES);
    for place in places {
        match place {
            Some(place) => put(&mut body, &[&[place.side.byte()], &place.epoch.to_be_bytes(), &place.mac]),
            None => put(&mut body, &[&[0; 25]]),
        }
    }
    seal(cipher, Purpose::EpochPage, run, side, epoch, nonce, &mut body)
}

/// Reads an epoch page; nothing if it is not authentic.
pub(super) fn open_places(cipher: &Cipher, run: u64, side: Side, page: &[u8]) -> Option<Checked> {
    open(cipher, Purpose::EpochPage, run, side, page)
}

impl Checked {
    /// The places of an epoch page's groups.
    pub(super) fn places(&self) -> Vec<Option<Place>> {
        let mut from = Reader(&self.body);
        let mut out = Vec::with_capacity(PLACES);
        while out.len() < PLACES {
            let (Some([side]), Some(epoch), Some(mac)) = (from.array::<1>(), from.u64(), from.array()) else {
                break;
            };
            out.push(Side::from_byte(side).map(|side| Place { side, epoch, mac }));
        }
        out
    }
}
