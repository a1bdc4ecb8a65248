//! What all sessions of one open vault share.
//!
//! **Invariant:** a desk holds no class key and no blind key; those stay with the sessions of the people who hold them.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use super::backups::Backups;
use super::committer::Committer;
use super::gate::Ground;
use super::passes::Progress;
use super::record::Recorder;
use super::refusal::Refusal;
use super::seen::Watch;
use super::view::ChainCheck;
use super::{automation, pool};
use crate::clock::{Clock, Entropy, Timestamp};
use crate::domain::id::{CustomerId, JobId};
use crate::domain::query::Vocabulary;
use crate::privacy::class::FieldClass;
use crate::privacy::seal::ClassPublic;
use crate::vault::keyring::ValueKey;
use crate::vault::store::{Get, StoreError, Table, Writer};
use crate::vault::tables::Tables;

use super::keeper::Keeper;
use super::present::Present;

/// An open vault at work.
#[derive(Debug)]
pub struct Desk {
    pub(super) tables: Tables,
    pub(super) committer: Committer,
    pub(super) recorder: Recorder,
    pub(super) audit_key: ValueKey,
    pub(super) public: [ClassPublic; 2],
    pub(super) clock: Shared<dyn Clock>,
    pub(super) entropy: Shared<dyn Entropy>,
    pub(super) keeper: Keeper,
    pub(super) ground: Ground,
    /// Set once the keys were replaced: the file that this desk is of has lost its name.
    pub(super) retired: AtomicBool,
    /// Who is at work, and is told of changes.
    pub(super) present: Present,
    pub(super) watch: Watch,
    pub(super) backups: Arc<Backups>,
    /// How far the rules that wait for a time have looked.
    pub(super) sweep: Mutex<Progress<automation::Stretch>>,
    /// How far the pool has looked.
    pub(super) pool: Mutex<Progress<pool::Stretch>>,
    /// Held by the session that seals values anew, so that no two do the same.
    pub(super) resealing: Mutex<()>,
    /// What queries can name, as it was last told: most people are told the same.
    vocabulary: Mutex<Weak<Vocabulary>>,
    hidden: RwLock<Vec<Hidden>>,
    left_over: Mutex<Vec<JobId>>,
    /// Set until what a crash left was put in order, once after opening.
    pub(super) untidy: AtomicBool,
}

/// A shared thing whose `Debug` says nothing.
pub struct Shared<T: ?Sized>(pub Arc<T>);

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> std::fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

impl<T: ?Sized> std::ops::Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// The ids of a job's customers, which nobody sees before it is published.
#[derive(Clone, Debug)]
struct Hidden {
    job: JobId,
    ranges: Vec<(u64, u64)>,
}

/// The names under which single secrets lie in [`Table::Meta`].
pub(super) const RECORD_SECRET: &[u8] = b"record secret";
pub(super) const AUDIT_KEY: &[u8] = b"audit key";
pub(super) const NO_CONTACT_KEY: &[u8] = b"no-contact key";
pub(super) const CLASS_PUBLIC: [&[u8]; 2] = [b"public key of contact", b"public key of sensitive"];

impl Desk {
    /// The desk of an unlocked vault.
    pub(super) fn new(
        tables: Tables,
        keeper: Keeper,
        ground: Ground,
        watch: Watch,
        backups: Arc<Backups>,
        clock: Shared<dyn Clock>,
        entropy: Shared<dyn Entropy>,
    ) -> Result<Self, Refusal> {
        let from = tables.read()?;
        let secret = |name: &[u8]| -> Result<[u8; 32], StoreError> {
            let bytes = from.get(Table::Meta, name)?.and_then(|b| b.try_into().ok());
            bytes.ok_or_else(|| StoreError::Damaged("one of the vault's own keys is missing".into()))
        };
        let recorder = Recorder::new(&tables.id(), &secret(RECORD_SECRET)?);
        let recorder = recorder.map_err(|_| Refusal::Damaged("the record's key cannot be used".into()))?;
        let [contact, sensitive] = CLASS_PUBLIC;
        let public = [ClassPublic(secret(contact)?), ClassPublic(secret(sensitive)?)];
        let audit_key = ValueKey::from_bytes(secret(AUDIT_KEY)?);
        drop(from);
        let committer = Committer::default();
        let (hidden, left_over, untidy) = (RwLock::default(), Mutex::default(), AtomicBool::new(true));
        Ok(Self {
            tables,
            committer,
            recorder,
            audit_key,
            public,
            clock,
            entropy,
            keeper,
            ground,
            retired: AtomicBool::new(false),
            present: Present::default(),
            watch,
            backups,
            sweep: Mutex::default(),
            pool: Mutex::default(),
            resealing: Mutex::default(),
            vocabulary: Mutex::default(),
            hidden,
            left_over,
            untidy,
        })
    }

    /// The same vocabulary, held once for all who are told it.
    pub(super) fn shared(&self, vocabulary: Vocabulary) -> Arc<Vocabulary> {
        let mut last = self.vocabulary.lock().unwrap_or_else(PoisonError::into_inner);
        match last.upgrade() {
            Some(same) if *same == vocabulary => same,
            _ => {
                let told = Arc::new(vocabulary);
                *last = Arc::downgrade(&told);
                told
            }
        }
    }

    pub(super) fn public(&self, class: FieldClass) -> Option<ClassPublic> {
        match class {
            FieldClass::Open => None,
            FieldClass::Contact => self.public.first().copied(),
            FieldClass::Sensitive => self.public.last().copied(),
        }
    }

    /// Checks the whole record, and that its key is the one that lies in the slot of whoever opened the vault: a record
    /// that was written anew and signed with another key hangs together in itself.
    pub(super) fn check_record(&self, from: &dyn Get) -> Result<ChainCheck, StoreError> {
        if !self.recorder.signs_for(self.keeper.verify_key()) {
            return Ok(ChainCheck::Broken(
                "it is signed with another key than the one that belongs to this vault".into(),
            ));
        }
        self.recorder.check(from)
    }

    /// Makes a change durable, with the record's latest checkpoint signed over it.
    pub(super) fn commit<T: Send + 'static>(
        &self,
        change: impl FnMut(&mut Writer<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let now = self.clock.now();
        self.committer.commit(&self.tables, &|to| self.recorder.sign_latest(to, now), change)
    }

    /// The present moment.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether a customer may be seen at all: it is not part of an import that is under way.
    pub(super) fn visible(&self, id: CustomerId) -> bool {
        let hidden = self.hidden.read().unwrap_or_else(PoisonError::into_inner);
        !hidden.iter().flat_map(|h| &h.ranges).any(|(first, last)| (*first..=*last).contains(&id.0))
    }

    /// Notes a job that was under way when the vault was last left.
    pub(super) fn note_left_over(&self, job: JobId) {
        self.left_over.lock().unwrap_or_else(PoisonError::into_inner).push(job);
    }

    /// The jobs that were under way when the vault was last left, once: those begun since belong to somebody who is here.
    pub(super) fn take_left_over(&self) -> Vec<JobId> {
        std::mem::take(&mut *self.left_over.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Hides a job's customers, or shows them where `ranges` is empty.
    pub(super) fn hide(&self, job: JobId, ranges: Vec<(u64, u64)>) {
        let mut hidden = self.hidden.write().unwrap_or_else(PoisonError::into_inner);
        hidden.retain(|h| h.job != job);
        if !ranges.is_empty() {
            hidden.push(Hidden { job, ranges });
        }
    }
}
