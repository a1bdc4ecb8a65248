//! `veilbook init --owner NAME`: a new vault.
//!
//! **Invariant:** nothing is overwritten; the key that verifies the record is all that goes to standard output.

use super::args::Init;
use super::sign_in::{Ask, Signed, refused, unexpected};
use super::trouble::{Trouble, shown};
use super::{Desk, Ended, Exit, recovery};
use crate::domain::audit::Origin;
use crate::domain::policy::Policy;
use crate::domain::schema::shipped;
use crate::domain::staff::LoginName;
use crate::service::gate::{GateError, NewVault, Presence, Purpose};
use crate::service::{Query, View};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Init) -> Ended {
    let (gate, path) = desk.gate()?;
    let not_made = |error: &GateError| Trouble::gate("make the vault", &path, error);
    let owner = LoginName::new(&args.owner).ok_or_else(|| not_made(&GateError::Name))?;
    if gate.presence() == Presence::Present {
        return Err(not_made(&GateError::Exists));
    }
    let passphrase = desk.passphrase(Ask::Twice)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| Trouble::file("make the folder", folder, &error))?;
    }
    let region = desk.env.region.clone().unwrap_or_else(|| Policy::default().default_region);
    let new = NewVault { owner, passphrase, region, schema: shipped(), purpose: Purpose::Work };
    let session = gate.create(new, Origin::CommandLine).map_err(|error| not_made(&error))?;
    let signed = Signed::new(session, gate);
    let key = verification_key(&signed);
    let offered = recovery::after(desk, &signed);
    signed.end();
    offered?;
    desk.told("cli-made", &[("path", &shown(&path))])?;
    desk.told("cli-key", &[])?;
    desk.print(&key?)?;
    Ok(Exit::Done)
}

/// The key that verifies the record's checkpoints.
pub(super) fn verification_key(signed: &Signed) -> Result<String, Trouble> {
    match signed.session().query(Query::Chain).map_err(refused("read the verification key"))? {
        View::Chain(chain) => Ok(chain.vkey),
        _ => Err(unexpected("read the verification key")),
    }
}
