//! A drill: the newest backup of a place, restored to a temporary file, opened, verified, compared, deleted.
//!
//! **Invariant:** the temporary file lies on the vault's own disk in a folder that only its owner can enter, and goes in
//! every case; what a killed process left goes with the next drill.

use std::path::Path;
use std::sync::Arc;

use super::run::newest;
use super::{Aim, BackupFault, Backups, Cause, sample};
use crate::service::desk::Desk;
use crate::service::record::{self, Recorder};
use crate::service::view::ChainCheck;
use crate::vault::backup as engine;
use crate::vault::file::disk::{Disk, FileDisk};

const PREFIX: &str = ".veilbook-drill-";

impl Backups {
    /// Drills; gives which backup it was, its bytes, and how many tables and rows were compared.
    pub(super) fn drill(
        &self,
        desk: &Arc<Desk>,
        place: &str,
        watch: engine::Watch<'_>,
    ) -> Result<(String, u64, (usize, usize)), BackupFault> {
        let vault = desk.tables.id();
        let store = self.connect(place, &self.policy()?, Aim::Reading)?;
        let head = newest(&*store, place, &vault, None)?;
        let folder = self.vault.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sweep(folder);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder)?;
        let file = folder.path().join("restored.veil");
        let restored = engine::restore(&*store, &vault, &head.id, &desk.keeper.opener(&vault), &file, watch);
        let restored = restored.map_err(|error| BackupFault::engine(place, error))?;
        let compared = look(desk, &file, &restored.manifest)?;
        folder.close()?;
        Ok((head.id.to_string(), restored.bytes, (compared.tables, compared.rows)))
    }
}

fn look(desk: &Desk, file: &Path, manifest: &engine::Manifest) -> Result<sample::Compared, BackupFault> {
    let disk = FileDisk::open(file).map_err(|error| BackupFault::Failed(Cause::from(&error)))?;
    let disk: Arc<dyn Disk> = Arc::new(disk);
    let tables = desk.keeper.open_copy(&disk, &desk.entropy.0)?;
    let from = tables.read()?;
    let recorder: &Recorder = &desk.recorder;
    if let ChainCheck::Broken(fault) = recorder.check(&from)? {
        return Err(BackupFault::Drill(
            Cause::new("cause-record", format!("the record of actions is broken: {fault}")).with("why", fault),
        ));
    }
    // A backup of a closed vault says nothing of what is in it; the record and its signatures still prove themselves.
    let note = record::latest(&from)?.map(|(_, note)| note).unwrap_or_default();
    if !manifest.note.is_empty() && note != manifest.note {
        return Err(BackupFault::Drill(Cause::new(
            "cause-checkpoint",
            "the record's checkpoint is not the one of the backup",
        )));
    }
    sample::compare(&manifest.counts, &from)?.map_err(BackupFault::Drill)
}

/// Removes what a drill left whose process was killed.
fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for left in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        // A drill under way has its file locked; nobody else's is touched.
        if FileDisk::open(&left.path().join("restored.veil")).is_ok() {
            let _ = std::fs::remove_dir_all(left.path());
        }
    }
}
