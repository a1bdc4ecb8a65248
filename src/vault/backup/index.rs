//! What the last backup to a place held, noted in a small file beside the vault, so that the next one knows what changed.
//!
//! For each page of the file that a restore would give, 16 bytes of its SHA-256; and the pages that say which blocks
//! changed (head, headers, epoch pages and tag pages in force), whole. `magic 8 ‖ vault 16 ‖ file 16 ‖ id 25 ‖ manifest 32
//! ‖ for whom 32 ‖ pages 8 ‖ pages × 16 ‖ kept 8 ‖ kept × (page 8 ‖ 4,096 B) ‖ SHA-256 over all before`.
//! **Invariant:** an index that is missing, damaged or another's costs a full backup, nothing else.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::id::{Id, hex};
use super::manifest::Basis;
use crate::vault::file::shape::{PAGE_LEN, Page};
use crate::vault::keyring::VaultId;

const MAGIC: [u8; 8] = *b"VBINDEX2";
const ID: usize = 25;
const ENDING: &str = ".backup-index";

/// What identifies a page's bytes.
pub(super) type PageHash = [u8; 16];

/// What identifies these bytes.
pub(super) fn page_hash(page: &[u8]) -> PageHash {
    let mut out = [0; 16];
    out.iter_mut().zip(Sha256::digest(page)).for_each(|(to, from)| *to = from);
    out
}

/// The file that a restore would give, as far as it has to be known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// What identifies each page.
    pub hashes: Vec<PageHash>,
    /// Pages known whole.
    pub kept: BTreeMap<u64, Box<Page>>,
}

impl State {
    /// Cuts or grows, with zeros, to `pages` pages.
    pub(super) fn resize(&mut self, pages: u64) {
        self.hashes.resize(pages as usize, page_hash(&[0; PAGE_LEN]));
        self.kept.split_off(&pages);
    }

    /// What the whole comes to.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.hashes.as_flattened()).into()
    }
}

/// A state, and the backup that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub vault: VaultId,
    pub file: [u8; 16],
    pub id: Id,
    /// SHA-256 of the backup's manifest object.
    pub manifest: [u8; 32],
    /// For whom the backup and all that it needs were made, as [`Recipients::digest`] says it.
    ///
    /// [`Recipients::digest`]: super::recipient::Recipients::digest
    pub recipients: [u8; 32],
    pub state: State,
}

/// Where the index for a place lies.
pub(super) fn path(vault: &Path, place: &str) -> PathBuf {
    let digest = Sha256::digest(place.as_bytes());
    let mut name = vault.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}{ENDING}", hex(digest.get(..4).unwrap_or_default())));
    vault.with_file_name(name)
}

/// Every index that lies beside the vault, of whatever place.
pub(super) fn all(vault: &Path) -> Vec<PathBuf> {
    let folder = vault.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let own = vault.file_name().unwrap_or_default().to_string_lossy();
    let is_index = |name: &str| {
        let middle = name.strip_prefix(&*own).and_then(|rest| rest.strip_prefix('.')?.strip_suffix(ENDING));
        middle.is_some_and(|digits| digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name()).filter(|name| name.to_str().is_some_and(is_index));
    names.map(|name| vault.with_file_name(name)).collect()
}

impl Index {
    /// The index at `path`, if there is a whole one.
    pub(super) fn load(path: &Path) -> Option<Self> {
        Self::decode(&std::fs::read(path).ok()?)
    }

    /// Writes it to `path`, readable for its owner alone; whole or not at all.
    pub(super) fn save(&self, path: &Path, basis: Basis) -> std::io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        let empty = State::default();
        // A closed file's tag pages may be older than its ring, so they are no measure of what changed since.
        let kept = if basis == Basis::Open { &self.state.kept } else { &empty.kept };
        file.write_all(&self.encode(kept))?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    fn encode(&self, kept: &BTreeMap<u64, Box<Page>>) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.state.hashes.len() * 16 + kept.len() * (PAGE_LEN + 8) + 256);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&self.vault);
        out.extend_from_slice(&self.file);
        out.extend_from_slice(self.id.as_str().as_bytes());
        out.extend_from_slice(&self.manifest);
        out.extend_from_slice(&self.recipients);
        out.extend_from_slice(&(self.state.hashes.len() as u64).to_be_bytes());
        out.extend_from_slice(self.state.hashes.as_flattened());
        out.extend_from_slice(&(kept.len() as u64).to_be_bytes());
        for (page, bytes) in kept {
            out.extend_from_slice(&page.to_be_bytes());
            out.extend_from_slice(bytes.as_slice());
        }
        let sum = Sha256::digest(&out);
        out.extend_from_slice(&sum);
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk::<32>()?;
        if Sha256::digest(body).as_slice() != sum {
            return None;
        }
        let mut rest = body.strip_prefix(&MAGIC)?;
        let (vault, file) = (take(&mut rest)?, take(&mut rest)?);
        let id = take::<ID>(&mut rest)?;
        let id = Id::parse(std::str::from_utf8(&id).ok()?)?;
        let (manifest, recipients) = (take(&mut rest)?, take(&mut rest)?);
        let pages = usize::try_from(u64::from_be_bytes(take(&mut rest)?)).ok()?;
        let (hashes, after) = rest.split_at_checked(pages.checked_mul(16)?)?;
        rest = after;
        let hashes = hashes.as_chunks().0.to_vec();
        let mut kept = BTreeMap::new();
        for _ in 0..u64::from_be_bytes(take(&mut rest)?) {
            let page = u64::from_be_bytes(take(&mut rest)?);
            kept.insert(page, Box::new(take::<PAGE_LEN>(&mut rest)?));
        }
        rest.is_empty().then_some(Self { vault, file, id, manifest, recipients, state: State { hashes, kept } })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_read_back_and_a_damaged_one_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = path(&folder.path().join("book.veil"), "/mnt/backups");
        let id = Id::parse("20261121T120000Z-0123abcd").expect("an id");
        let mut state = State::default();
        state.resize(3);
        state.kept.insert(2, Box::new([5; PAGE_LEN]));
        let index = Index { vault: [1; 16], file: [2; 16], id, manifest: [3; 32], recipients: [4; 32], state };
        assert_eq!(Index::load(&path), None);
        assert!(all(&folder.path().join("book.veil")).is_empty());
        index.save(&path, Basis::Open).expect("a write");
        assert_eq!(Index::load(&path).as_ref(), Some(&index));
        std::fs::write(folder.path().join("book.veil.x.backup-index"), b"").expect("a write");
        assert_eq!(all(&folder.path().join("book.veil")), std::slice::from_ref(&path));
        assert!(all(&folder.path().join("other.veil")).is_empty());
        index.save(&path, Basis::Sealed).expect("a write");
        assert!(Index::load(&path).expect("an index").state.kept.is_empty());
        let mut bytes = std::fs::read(&path).expect("a read");
        bytes[100] ^= 1;
        std::fs::write(&path, bytes).expect("a write");
        assert_eq!(Index::load(&path), None);
    }
}
