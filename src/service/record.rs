//! The record of actions as it is kept: leaves, texts beside them, the tree's nodes, and signed checkpoints.
//!
//! **Invariant:** entries are appended inside the transaction of the change that they speak of, never outside one, and
//! nothing here removes or rewrites a leaf.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;

use ed25519_dalek::SigningKey;

use super::protection::Said;
use super::refusal::Refusal;
use super::view::{ChainCheck, ChainState};
use crate::clock::{Entropy, Timestamp};
use crate::domain::audit::{Entry, NewEntry, Object};
use crate::domain::id::{CustomerId, EntrySeq};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::export::ExportWriter;
use crate::ledger::leaf;
use crate::ledger::note::{KeyUse, NoteError, NoteKey, SignedNote};
use crate::ledger::side::{Salts, SideTexts};
use crate::ledger::tree::{Frontier, consistency_proof, leaf_hash, verify_consistency};
use crate::text;
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

const FRONTIER: &[u8] = b"record frontier";
const LATEST: &[u8] = b"record checkpoint";

/// The key that signs checkpoints, and what appends entries.
#[derive(Debug)]
pub struct Recorder {
    key: NoteKey,
    public: [u8; 32],
}

impl Recorder {
    /// The recorder of the vault whose signing secret this is.
    pub fn new(vault: &[u8; 16], secret: &[u8; 32]) -> Result<Self, NoteError> {
        let name = format!("veilbook.{}", vault.iter().take(6).map(|b| format!("{b:02x}")).collect::<String>());
        let key = SigningKey::from_bytes(secret);
        let public = key.verifying_key().to_bytes();
        Ok(Self { key: NoteKey::new(&name, KeyUse::Note, key)?, public })
    }

    /// Whether checkpoints are signed with the key that this verifies.
    pub fn signs_for(&self, public: &[u8; 32]) -> bool {
        self.public == *public
    }

    /// What verifies the record, as text.
    pub fn vkey(&self) -> String {
        self.key.vkey().to_string()
    }

    /// Appends an entry and gives its place.
    pub fn append(&self, to: &mut dyn Put, entry: &NewEntry, entropy: &dyn Entropy) -> Result<EntrySeq, StoreError> {
        let mut frontier = frontier(to)?;
        let seq = EntrySeq(frontier.size());
        let salts = Salts::fresh(entropy);
        let leaf = leaf::encode(seq, entry, &salts);
        let place = seq.0.to_be_bytes();
        to.put(Table::Leaves, &place, &leaf)?;
        let side = SideTexts::new(entry, &salts);
        if !side.is_empty() {
            to.put(Table::Texts, &place, &side.to_bytes())?;
        }
        for node in frontier.append(leaf_hash(&leaf)) {
            to.put(Table::Nodes, &node_key(node.level, node.index), &node.hash)?;
        }
        if let Object::Customer(id) = entry.object {
            to.put(Table::EntriesOf, &key(&[&id.to_be_bytes(), &place]), &[])?;
        }
        to.put(Table::Meta, FRONTIER, &frontier.to_bytes())?;
        Ok(seq)
    }

    /// Signs the present state, once a transaction, as the latest checkpoint.
    pub fn sign_latest(&self, to: &mut dyn Put, now: Timestamp) -> Result<(), StoreError> {
        let note = self.sign(to)?;
        to.put(Table::Meta, LATEST, &key(&[&now.0.to_be_bytes(), note.to_string().as_bytes()]))
    }

    /// Signs the present state and keeps the checkpoint for good; gives its text.
    pub fn checkpoint(&self, to: &mut dyn Put, now: Timestamp) -> Result<String, StoreError> {
        let note = self.sign(to)?.to_string();
        let size = frontier(to)?.size();
        to.put(Table::Checkpoints, &size.to_be_bytes(), &key(&[&now.0.to_be_bytes(), note.as_bytes()]))?;
        to.put(Table::Meta, LATEST, &key(&[&now.0.to_be_bytes(), note.as_bytes()]))?;
        Ok(note)
    }

    fn sign(&self, from: &dyn Get) -> Result<SignedNote, StoreError> {
        let checkpoint = Checkpoint::of(self.key.vkey().name(), &frontier(from)?);
        checkpoint.sign(&self.key).map_err(|_| StoreError::Damaged("the record's checkpoint cannot be signed".into()))
    }

    /// A checkpoint of the present state with further lines, signed, to be kept outside the vault.
    pub fn note(&self, from: &dyn Get, lines: Vec<String>) -> Result<String, StoreError> {
        let checkpoint = Checkpoint::of(self.key.vkey().name(), &frontier(from)?);
        let signed = Checkpoint { extensions: lines, ..checkpoint }.sign(&self.key);
        Ok(signed.map_err(|_| StoreError::Damaged("the record's checkpoint cannot be signed".into()))?.to_string())
    }

    /// What [`Self::note`] wrote; nothing if any other key signed it, or none.
    pub fn read_note(&self, text: &str) -> Option<Checkpoint> {
        Checkpoint::open(&SignedNote::parse(text).ok()?, self.key.vkey()).ok()
    }

    /// Whether the present record begins with the one that a checkpoint was signed over, by the stored nodes.
    pub fn goes_on_from(&self, from: &dyn Get, old: &Checkpoint) -> Result<bool, StoreError> {
        let now = frontier(from)?;
        let proof = consistency_proof(old.size, now.size(), |level, index| node(from, level, index));
        Ok(proof.is_ok_and(|proof| verify_consistency(old.size, &old.root, now.size(), &now.root(), &proof)))
    }

    /// The state of the chain, without checking it.
    pub fn state(&self, from: &dyn Get) -> Result<ChainState, StoreError> {
        let frontier = frontier(from)?;
        let checkpoint = latest(from)?.and_then(|(at, note)| {
            let note = SignedNote::parse(&note).ok()?;
            Some((Checkpoint::open(&note, self.key.vkey()).ok()?.size, at))
        });
        let root = crate::ledger::base64(&frontier.root());
        Ok(ChainState { size: frontier.size(), root, checkpoint, vkey: self.vkey(), check: None })
    }

    /// Reads every entry and checks it: encoding, texts, tree, the latest checkpoint's signature and all kept ones.
    pub fn check(&self, from: &dyn Get) -> Result<ChainCheck, StoreError> {
        let mut tree = Frontier::default();
        let mut fault = None;
        let mut kept = self.kept(from)?.into_iter().peekable();
        if let Some((size, _)) = kept.next_if(|(size, _)| *size == 0) {
            fault = Some(format!("a checkpoint of size {size} is kept"));
        }
        from.visit_prefix(Table::Leaves, &[], Way::Up, &mut |place, leaf| {
            let seq = tree.size();
            if let Err(text) = check_entry(from, seq, place, leaf) {
                fault = Some(format!("entry {seq}: {text}"));
                return ControlFlow::Break(());
            }
            tree.append(leaf_hash(leaf));
            while let Some((size, root)) = kept.next_if(|(size, _)| *size <= tree.size()) {
                if size != tree.size() || root != tree.root() {
                    fault = Some(format!("the checkpoint of size {size} was signed over other entries"));
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        if fault.is_none() && tree != frontier(from)? {
            fault = Some("the entries are not those that the record's root stands for".into());
        }
        if fault.is_none() && kept.next().is_some() {
            fault = Some("a kept checkpoint covers more entries than there are".into());
        }
        if let (None, Some((_, note))) = (&fault, latest(from)?) {
            let signed = SignedNote::parse(&note).ok().and_then(|n| Checkpoint::open(&n, self.key.vkey()).ok());
            if signed.is_none_or(|c| c.size != tree.size() || c.root != tree.root()) {
                fault = Some("the latest checkpoint was signed over other entries or by another key".into());
            }
        }
        Ok(fault.map_or(ChainCheck::Sound, ChainCheck::Broken))
    }

    /// Whether the stored nodes are those that the entries give, so that proofs made from them hold; else what is wrong.
    pub fn check_nodes(&self, from: &dyn Get) -> Result<Option<String>, StoreError> {
        let (mut tree, mut wanted, mut there) = (Frontier::default(), NodeSum::default(), NodeSum::default());
        from.visit_prefix(Table::Leaves, &[], Way::Up, &mut |_, leaf| {
            for node in tree.append(leaf_hash(leaf)) {
                wanted.add(&node_key(node.level, node.index), &node.hash);
            }
            ControlFlow::Continue(())
        })?;
        from.visit_prefix(Table::Nodes, &[], Way::Up, &mut |key, hash| {
            there.add(key, hash);
            ControlFlow::Continue(())
        })?;
        Ok((wanted != there).then(|| "the stored nodes are not those that its entries give".into()))
    }

    fn kept(&self, from: &dyn Get) -> Result<Vec<(u64, [u8; 32])>, StoreError> {
        let mut out = Vec::new();
        for (_, note) in notes(from)? {
            let opened = SignedNote::parse(&note).ok().and_then(|n| Checkpoint::open(&n, self.key.vkey()).ok());
            let checkpoint = opened.ok_or_else(|| StoreError::Damaged("a kept checkpoint is not signed".into()))?;
            out.push((checkpoint.size, checkpoint.root));
        }
        Ok(out)
    }

    /// The whole record as an export file, without the texts that `hidden` says nothing of.
    pub(super) fn export(&self, from: &dyn Get, hidden: Hidden<'_>) -> Result<Vec<u8>, Refusal> {
        let damaged = |error: crate::ledger::export::ExportError| Refusal::Damaged(error.to_string());
        let mut writer = ExportWriter::begin(Vec::new(), self.key.vkey().clone(), Vec::new()).map_err(damaged)?;
        let mut notes = notes(from)?;
        notes.extend(latest(from)?);
        let mut notes: Vec<SignedNote> = notes.iter().filter_map(|(_, note)| SignedNote::parse(note).ok()).collect();
        notes.dedup_by(|a, b| a.text() == b.text());
        let mut notes = notes.into_iter().peekable();
        let mut fault = None;
        from.visit_prefix(Table::Leaves, &[], Way::Up, &mut |place, leaf| {
            let side = match leaf::decode(leaf) {
                Ok(view) if hidden(view.seq, Said(&view.action, view.object, view.field.as_ref())) => {
                    Ok(SideTexts::default())
                }
                _ => side_texts(from, place),
            };
            let written = side.map_err(Refusal::from).and_then(|side| {
                writer.entry(leaf, &side).map_err(damaged)?;
                let size = writer.entries();
                let here = |n: &SignedNote| Checkpoint::parse(n.text()).is_ok_and(|c| c.size == size);
                while let Some(note) = notes.next_if(here) {
                    writer.checkpoint(&note, |level, index| node(from, level, index)).map_err(damaged)?;
                }
                Ok(())
            });
            fault = written.err();
            if fault.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        fault.map_or(Ok(()), Err)?;
        writer.finish().map_err(damaged)
    }
}

/// Of which entries an export holds no texts, though they are there.
pub(super) type Hidden<'h> = &'h dyn Fn(EntrySeq, Said<'_>) -> bool;

/// Nodes in any order: how many, and the sum of a hash of each. They are as many again as the entries, so that neither
/// side is held in memory.
#[derive(Default, PartialEq, Eq)]
struct NodeSum {
    count: u64,
    sum: u64,
}

impl NodeSum {
    fn add(&mut self, key: &[u8], hash: &[u8]) {
        let mut hasher = DefaultHasher::new();
        (key, hash).hash(&mut hasher);
        self.count += 1;
        self.sum = self.sum.wrapping_add(hasher.finish());
    }
}

fn check_entry(from: &dyn Get, seq: u64, place: &[u8], leaf: &[u8]) -> Result<(), String> {
    if place != seq.to_be_bytes() {
        return Err("an entry is missing before this one".into());
    }
    let view = leaf::decode(leaf).map_err(|e| e.to_string())?;
    if view.seq.0 != seq {
        return Err("it stands in another's place".into());
    }
    side_texts(from, place).map_err(|e| e.to_string())?.check(&view).map_err(|e| e.to_string())
}

fn node_key(level: u8, index: u64) -> Vec<u8> {
    key(&[&[level], &index.to_be_bytes()])
}

fn node(from: &dyn Get, level: u8, index: u64) -> Option<[u8; 32]> {
    from.get(Table::Nodes, &node_key(level, index)).ok()??.try_into().ok()
}

fn frontier(from: &dyn Get) -> Result<Frontier, StoreError> {
    match from.get(Table::Meta, FRONTIER)? {
        Some(bytes) => Frontier::from_bytes(&bytes).ok_or_else(|| StoreError::record("frontier")),
        None => Ok(Frontier::default()),
    }
}

fn side_texts(from: &dyn Get, place: &[u8]) -> Result<SideTexts, StoreError> {
    match from.get(Table::Texts, place)? {
        Some(bytes) => SideTexts::from_bytes(&bytes).map_err(|_| StoreError::record("entry's texts")),
        None => Ok(SideTexts::default()),
    }
}

fn timed_note(bytes: &[u8]) -> Result<(Timestamp, String), StoreError> {
    let mut rest = KeyReader(bytes);
    let at = Timestamp(rest.u64()?.cast_signed());
    let note = String::from_utf8(rest.0.to_vec()).map_err(|_| StoreError::record("checkpoint"))?;
    Ok((at, note))
}

/// The latest checkpoint, and when it was signed.
pub fn latest(from: &dyn Get) -> Result<Option<(Timestamp, String)>, StoreError> {
    from.get(Table::Meta, LATEST)?.map(|bytes| timed_note(&bytes)).transpose()
}

fn notes(from: &dyn Get) -> Result<Vec<(Timestamp, String)>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(Table::Checkpoints, &[], Way::Up, &mut |_, value| {
        out.push(timed_note(value));
        ControlFlow::Continue(())
    })?;
    out.into_iter().collect()
}

/// Erases all texts that lie beside an entry; its leaf stays, and the chain with it.
pub fn erase_texts(to: &mut dyn Put, seq: EntrySeq) -> Result<(), StoreError> {
    to.remove(Table::Texts, &seq.0.to_be_bytes())
}

/// The entries about nothing in particular beside which one of these texts lies, as a query that somebody typed.
pub fn places_with(from: &dyn Get, needles: &[String]) -> Result<Vec<EntrySeq>, StoreError> {
    let mut found = Vec::new();
    from.visit_prefix(Table::Texts, &[], Way::Up, &mut |place, value| {
        let text = text::folded(&String::from_utf8_lossy(value));
        if needles.iter().any(|needle| text.contains(needle.as_str())) {
            found.extend(KeyReader(place).last_u64().ok().map(EntrySeq));
        }
        ControlFlow::Continue(())
    })?;
    let mut out = Vec::new();
    for seq in found {
        if entry(from, seq)?.is_some_and(|entry| entry.what.object == Object::None) {
            out.push(seq);
        }
    }
    Ok(out)
}

/// How many entries there are.
pub fn size(from: &dyn Get) -> Result<u64, StoreError> {
    frontier(from).map(|f| f.size())
}

/// The entry at a place, its texts checked against it.
pub fn entry(from: &dyn Get, seq: EntrySeq) -> Result<Option<Entry>, StoreError> {
    let place = seq.0.to_be_bytes();
    let Some(bytes) = from.get(Table::Leaves, &place)? else { return Ok(None) };
    let view = leaf::decode(&bytes).map_err(|_| StoreError::record("record's entry"))?;
    let side = side_texts(from, &place)?;
    side.check(&view).map_err(|_| StoreError::record("record's entry"))?;
    Ok(Some(view.entry(&side)))
}

/// The places of a customer's entries, newest first; at most `limit`.
pub fn places_of(from: &dyn Get, customer: CustomerId, limit: usize) -> Result<Vec<EntrySeq>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(Table::EntriesOf, &customer.0.to_be_bytes(), Way::Down, &mut |key, _| {
        out.extend(KeyReader(key).last_u64().ok().map(EntrySeq));
        if out.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(out)
}
