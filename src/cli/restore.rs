//! `veilbook restore PLACE|ID`: a backup into a new file, opened, checked and declared in its own record.
//!
//! **Invariant:** nothing is written over; the vault that is there, damaged or newer, stays as it is.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::Restore;
use super::moving::Moving;
use super::recovery;
use super::sign_in::{Ask, refused};
use super::trouble::{Trouble, shown};
use super::{Desk, Ended, Exit};
use crate::domain::audit::Origin;
use crate::service::backups::restore::{Key, Live, Restored};
use crate::service::gate::{Gate, Presence};
use crate::service::view::ChainCheck;
use crate::service::{Action, Done};

/// What came of it, as scripts read it.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    made_at: String,
    path: String,
    bytes: u64,
    entries: u64,
    erased_again: u64,
    live_is_newer: Option<bool>,
}

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Restore) -> Ended {
    let what = "restore";
    let (gate, vault) = desk.gate()?;
    let found = gate.backups().find(&super::backup::whole(&args.from), args.id.as_deref());
    let found = found.map_err(|fault| Trouble::backup(what, &fault))?;
    let row = found.row();
    let to = args.to.clone().unwrap_or_else(|| beside(desk, &vault));
    if std::fs::symlink_metadata(&to).is_ok() {
        return Err(Trouble::backup(what, &crate::service::backups::BackupFault::Exists));
    }
    // Asked before anything is restored, which may be to the very place of a vault that is gone.
    let there = gate.presence();
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        return Err(Trouble::file("restore into the folder", folder, &std::io::ErrorKind::NotFound.into()));
    }
    let when = desk.moment(row.made_at);
    desk.told("cli-restoring", &[("id", &row.id), ("when", &when), ("place", &row.place)])?;
    // What opens no backup is no way in, as a wrong passphrase is none.
    let refused_words = |trouble| Trouble { exit: Exit::NotAuthenticated, ..trouble };
    let words = args.recovery.then(|| recovery::typed(desk, what).map_err(refused_words)).transpose()?;
    let name = desk.actor()?;
    // With the recovery words an owner is established anew, with a passphrase of their own.
    let passphrase = desk.passphrase(if words.is_some() { Ask::Twice } else { Ask::Once })?;
    let mut moving = Moving::new(desk);
    let began = desk.env.deps.clock.now();
    let key = words.as_ref().map_or(Key::Owner(&name, &passphrase), |typed| Key::Recovery(typed));
    let restored = found.restore(&key, &to, began, &mut |running| moving.tell(desk, &running));
    moving.end(desk)?;
    let restored = restored.map_err(|fault| Trouble::backup(what, &fault))?;
    let live = match there {
        Presence::Present if words.is_some() => {
            // The new passphrase opens nothing there, and a refused try would count against its owner.
            desk.told("cli-restored-live-left", &[("path", &shown(&vault))])?;
            None
        }
        Presence::Present => live(desk, &gate, &vault, (&name, &passphrase), &restored)?,
        Presence::Missing => None,
    };
    // What was last seen of the vault is compared from the next opening on, when the record declares the restore.
    let copy = Gate::new(to.clone(), desk.env.deps.clone()).within(desk.env.surroundings.clone());
    let session = match &words {
        Some(typed) => copy.recover(typed, &name, &passphrase, Origin::CommandLine),
        None => desk.enter(&copy, &name, &passphrase)?,
    };
    let session = session.map_err(|error| Trouble::gate("open what was restored", &to, &error))?;
    let declared = session.declare_restore(&restored, live.as_ref()).map_err(refused("declare the restore"));
    let checked = session.perform(Action::VerifyRecord).map_err(refused("verify the restored record"));
    session.end();
    drop(session);
    copy.seal();
    let declared = declared?;
    if let Done::Verdict(state) = checked?
        && let Some(ChainCheck::Broken(fault)) = state.check
    {
        let cause = format!("cannot trust what was restored: its record of actions is broken: {fault}");
        return Err(Trouble { exit: Exit::Damaged, ..Trouble::failed(cause, "Restore another backup") });
    }
    let newer = live.as_ref().and_then(|live| Some(live.entries > restored.entries?));
    if args.json {
        desk.print_json(&Line {
            id: &restored.id,
            made_at: restored.made_at.rfc3339(),
            path: to.display().to_string(),
            bytes: restored.bytes,
            entries: declared.entries,
            erased_again: declared.erased,
            live_is_newer: newer,
        })?;
    } else {
        desk.print(&to.display().to_string())?;
    }
    let path = shown(&to);
    desk.told("cli-restored", &[("entries", &declared.entries), ("path", &path)])?;
    if declared.erased > 0 {
        desk.told("cli-restored-erased", &[("n", &declared.erased)])?;
    }
    desk.told("cli-restored-next", &[("path", &path)])?;
    if copy.backups().policy().is_ok_and(|policy| policy.places.is_empty()) {
        desk.told("cli-restored-place", &[("path", &path)])?;
    }
    Ok(Exit::Done)
}

/// How the vault that is there stands against the backup, said to whoever restores.
fn live(
    desk: &mut Desk<'_, '_>,
    gate: &Gate,
    vault: &Path,
    (name, passphrase): (&str, &str),
    restored: &Restored,
) -> Result<Option<Live>, Trouble> {
    let path = shown(vault);
    let standing = match gate.login(name, passphrase, Origin::CommandLine) {
        Ok(session) => {
            let standing = session.standing().map_err(|refusal| refusal.to_string());
            session.end();
            standing
        }
        Err(error) => Err(error.to_string()),
    };
    gate.seal();
    match standing {
        Ok(live) => {
            let more = restored.entries.map_or(0, |entries| live.entries.saturating_sub(entries));
            if more > 0 {
                let customers = live.customers;
                desk.told("cli-restored-newer", &[("path", &path), ("more", &more), ("customers", &customers)])?;
            } else {
                desk.told("cli-restored-same", &[("path", &path)])?;
            }
            Ok(Some(live))
        }
        Err(why) => {
            desk.told("cli-restored-live", &[("path", &path), ("why", &why)])?;
            Ok(None)
        }
    }
}

/// A file beside the vault, called after it and the present moment.
fn beside(desk: &Desk<'_, '_>, vault: &Path) -> PathBuf {
    let now = desk.env.deps.clock.now();
    let when = now.at(desk.env.deps.clock.offset(now)).format("%Y%m%d-%H%M%S");
    let stem = vault.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    vault.with_file_name(format!("{stem}.restored-{when}.veil"))
}
