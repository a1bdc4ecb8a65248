//! `veilbook init --owner NAME`: a new vault.
//!
//! **Invariant:** nothing is overwritten; the key that verifies the record is all that goes to standard output.

use super::args::Init;
use super::sign_in::{Ask, Signed, refused, unexpected};
use super::trouble::{Trouble, shown};
use super::{Desk, Ended, Exit, recovery};
use crate::domain::policy::Policy;
use crate::domain::schema::shipped;
use crate::domain::staff::LoginName;
use crate::service::gate::{GateError, NewVault, Presence, Purpose};
use crate::service::view::{BackupChange, BackupPolicy};
use crate::service::{Action, Query, View};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Init) -> Ended {
    let (gate, path) = desk.gate()?;
    let not_made = |error: &GateError| Trouble::gate("make the vault", &path, error);
    let owner = LoginName::new(&args.owner).ok_or_else(|| not_made(&GateError::Name))?;
    if gate.presence() == Presence::Present {
        return Err(not_made(&GateError::Exists));
    }
    // A script that hands the passphrase over is not asked for anything.
    let handed = desk.common.passphrase_file.is_some() || desk.common.passphrase_fd.is_some();
    let mut policy = BackupPolicy::default();
    for place in &args.backup {
        let added = policy.add_place(place);
        added.map_err(|fault| Trouble { exit: Exit::Usage, ..Trouble::backup("make the vault", &fault.into()) })?;
    }
    let passphrase = desk.passphrase(Ask::Twice)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| Trouble::file("make the folder", folder, &error))?;
    }
    let mut defaults = Policy::default();
    if let Some(region) = &desk.env.region {
        defaults.default_region.clone_from(region);
    }
    if let Some(region) = &args.region {
        let unfit =
            |fault| Trouble::usage(format!("cannot make the vault: {region}: {fault}"), "Give a country such as CN");
        defaults.set("default_region", region).map_err(unfit)?;
    }
    let region = defaults.default_region;
    let new = NewVault { owner, passphrase, region, schema: shipped(), purpose: Purpose::Work };
    let session = gate.create(new, desk.caller()).map_err(|error| not_made(&error))?;
    let signed = Signed::new(session, gate, desk.kept());
    let key = verification_key(&signed);
    let offered = recovery::after(desk, &signed);
    let asked = if handed || !policy.places.is_empty() { Ok(()) } else { ask_for_places(desk, &mut policy) };
    let set = policy.places.iter().try_for_each(|place| {
        let change = Action::SetBackups(BackupChange::AddPlace(place.clone()));
        signed.session().perform(change).map(|_| ()).map_err(refused("set the place for backups"))
    });
    signed.end();
    offered?;
    desk.told("cli-made", &[("path", &shown(&path))])?;
    desk.told("cli-key", &[])?;
    desk.print(&key?)?;
    asked?;
    set?;
    for place in &policy.places {
        desk.told("cli-place-set", &[("place", place)])?;
    }
    if policy.places.is_empty() {
        desk.told("cli-no-place", &[])?;
    }
    Ok(Exit::Done)
}

/// Asks for two places for backups; nothing typed means none, and a place that will not do is asked for again.
fn ask_for_places(desk: &mut Desk<'_, '_>, policy: &mut BackupPolicy) -> Result<(), Trouble> {
    for key in ["ask-place", "ask-second-place"] {
        loop {
            let label = desk.label(key);
            // Whoever ends the input here wants no place.
            let answer = desk.io.prompt.line(&label).unwrap_or_default();
            if answer.trim().is_empty() {
                return Ok(());
            }
            match policy.add_place(&answer) {
                Ok(()) => break,
                Err(fault) => {
                    let words = crate::words::backup::policy(&desk.words, &fault);
                    desk.say(&words)?;
                }
            }
        }
    }
    Ok(())
}

/// The key that verifies the record's checkpoints.
pub(super) fn verification_key(signed: &Signed) -> Result<String, Trouble> {
    match signed.session().query(Query::Chain).map_err(refused("read the verification key"))? {
        View::Chain(chain) => Ok(chain.vkey),
        _ => Err(unexpected("read the verification key")),
    }
}
