//! A vault with two people: its owner, who sees everybody, and somebody new who sees five hundred.
//!
//! **Invariant:** the five hundred are spread over the whole vault, so that whoever looks for them passes all others.

use std::path::Path;
use std::sync::Arc;

use veilbook::clock::{Clock, OsEntropy, SystemClock};
use veilbook::demo;
use veilbook::domain::audit::Origin;
use veilbook::domain::id::CustomerId;
use veilbook::domain::role::RoleName;
use veilbook::domain::staff::LoginName;
use veilbook::service::door::Change;
use veilbook::service::view::{Bulk, ListRequest, Page, Target, Total};
use veilbook::service::{Action, Deps, Done, Gate, KdfChoice, Query, Session, View};

/// How many the second person sees.
pub const FEW: u64 = 500;
/// The seed of the names; the one that `demo --make` was given, so that what is typed is somebody's name.
const SEED: u64 = 5;

pub struct House {
    _gate: Gate,
    /// Sees everybody.
    pub owner: Session,
    /// Sees [`FEW`].
    pub sales: Session,
    /// How many customers there are.
    pub customers: usize,
}

impl House {
    /// Opens a vault that `demo --make` made.
    pub fn open(vault: &Path, passphrase: String) -> Self {
        let deps = Deps { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), kdf: KdfChoice::Cheap };
        let gate = Gate::new(vault.to_owned(), deps);
        let owner = gate.login("Demo Owner", &passphrase, Origin::Screen).unwrap();
        let limits = [("rows_per_hour", "1000000"), ("opens_per_hour", "100000"), ("idle_lock_seconds", "43200")];
        for (limit, most) in limits {
            owner.perform(Action::SetPolicy(limit.to_owned(), most.to_owned())).unwrap();
        }
        let customers = match page(&owner, "").total {
            Total::Exactly(all) => all as usize,
            Total::AtLeast(_) => panic!("everybody is counted"),
        };
        let add = Action::AddStaff(LoginName::new("someone new").unwrap(), RoleName::Sales);
        let Ok(Done::SetupCode(id, code)) = owner.perform(add) else { panic!("nobody was added") };
        let sales = gate.set_up("someone new", &code, &passphrase, Origin::Screen).unwrap();
        let spread = (0..FEW).map(|n| CustomerId(1 + n * (customers as u64 / FEW))).collect();
        owner.perform(Action::Bulk(Target::Marked(spread), Bulk::Assign(Some(id)))).unwrap();
        Self { _gate: gate, owner, sales, customers }
    }

    /// Everybody's names, as `demo --make` drew them.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let now = SystemClock.now();
        let made = demo::customers(SEED, self.customers as u64, now.at(SystemClock.offset(now)));
        made.map(|made| {
            let name = made.customer.iter().find_map(|change| match change {
                Change::Name(name) => Some(name.to_string()),
                _ => None,
            });
            name.unwrap_or_default()
        })
    }
}

/// The first fifty that a text finds.
pub fn page(session: &Session, text: &str) -> Page {
    let request = ListRequest { text: text.to_owned(), limit: 50, ..ListRequest::default() };
    match session.query(Query::Customers(request)) {
        Ok(View::Customers(page)) => page,
        _ => panic!("no list of \"{text}\""),
    }
}
