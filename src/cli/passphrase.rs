//! `veilbook passphrase`: a person changes their own.
//!
//! **Invariant:** neither passphrase is an argument; the new one is asked for twice where it is typed.

use super::args::Passphrase;
use super::sign_in::{Ask, Signed, refused};
use super::trouble::Trouble;
use super::{Desk, Ended, Exit};
use crate::service::Action;
use crate::service::gate::{GateError, Presence};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Passphrase) -> Ended {
    let (gate, path) = desk.gate()?;
    let unopened = |error: &GateError| Trouble::gate("open the vault", &path, error);
    if gate.presence() == Presence::Missing {
        return Err(unopened(&GateError::Missing));
    }
    let name = desk.actor()?;
    let present = desk.passphrase(Ask::Once)?;
    let next = desk.new_passphrase(args.new_passphrase_file.as_deref(), args.new_passphrase_fd)?;
    let session = desk.enter(&gate, &name, &present)?.map_err(|error| unopened(&error))?;
    let signed = Signed::new(session, gate, desk.kept());
    let changed = signed.session().perform(Action::ChangePassphrase(present, next));
    signed.end();
    changed.map_err(refused("change the passphrase"))?;
    desk.told("passphrase-changed", &[])?;
    Ok(Exit::Done)
}
