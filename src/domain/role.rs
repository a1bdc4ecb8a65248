//! Roles: who may do what, on which customers, and how far masked fields open to them.
//!
//! **Invariant:** deny by default: a permission that a role does not list is refused.

use crate::codes::codes;
use crate::privacy::class::FieldClass;

/// A role's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RoleName {
    /// The firm's owner.
    Owner,
    /// A team lead.
    Lead,
    /// A salesperson.
    Sales,
    /// A support agent.
    Support,
    /// The privacy officer.
    PrivacyOfficer,
    /// An auditor.
    Auditor,
    /// An administrator.
    Administrator,
}

codes!(RoleName: Owner = "owner", Lead = "lead", Sales = "sales", Support = "support",
    PrivacyOfficer = "privacy_officer", Auditor = "auditor", Administrator = "administrator");

/// Which customers a role reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// No customer.
    None,
    /// One's own.
    Own,
    /// One's team's, and those that are nobody's.
    Team,
    /// Every customer.
    All,
}

codes!(Scope: None = "none", Own = "own", Team = "team", All = "all");

/// One thing that a role may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// List and open customers, masked.
    ViewCustomers,
    /// Search by phone, email or ID number.
    SearchIdentifier,
    /// Compare what a caller says with what is stored.
    Verify,
    /// Add a customer and change names, fields and tags.
    EditCustomers,
    /// Give a customer to another owner.
    Reassign,
    /// Log contacts.
    LogInteractions,
    /// Set, snooze and finish follow-ups.
    FollowUps,
    /// See and work deals.
    Deals,
    /// Put a revealed value on the clipboard.
    Copy,
    /// Bring in a file.
    Import,
    /// Read the record of actions.
    ReadAudit,
    /// Verify and export the record of actions.
    ExportAudit,
    /// Add and disable staff.
    ManageStaff,
    /// Change the schema.
    ManageFields,
    /// Change policy.
    ManagePolicy,
    /// Erase a customer for good.
    EraseCustomers,
    /// Make, verify and drill backups, and say where they go.
    ManageBackups,
    /// Add, change and switch rules.
    ManageRules,
    /// See the shared pool as a list, claim customers from it and give one's own back.
    Claim,
    /// Take customers out into a file.
    Export,
    /// Put down what a customer agrees to, refuses or withdraws.
    Consents,
    /// Change the wording that customers agree to.
    ConsentWording,
}

codes!(Permission: ViewCustomers = "view_customers", SearchIdentifier = "search_identifier", Verify = "verify",
    EditCustomers = "edit_customers", Reassign = "reassign", LogInteractions = "log_interactions",
    FollowUps = "follow_ups", Deals = "deals", Copy = "copy", Import = "import", ReadAudit = "read_audit",
    ExportAudit = "export_audit", ManageStaff = "manage_staff", ManageFields = "manage_fields",
    ManagePolicy = "manage_policy", EraseCustomers = "erase_customers", ManageBackups = "manage_backups", ManageRules = "manage_rules",
    Claim = "claim", Export = "export", Consents = "consents", ConsentWording = "consent_wording");

/// How far the masked fields of one class open to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevealRight {
    /// Not at all.
    Never,
    /// Only while a request or an incident of that customer is under way.
    UnderRequest,
    /// With a reason and a second person's approval.
    WithApproval,
    /// With a reason.
    WithReason,
    /// With a reason; on one's own customers a single key suffices.
    LightOnOwn,
}

codes!(RevealRight: Never = "never", UnderRequest = "under_request", WithApproval = "with_approval",
    WithReason = "with_reason", LightOnOwn = "light_on_own");

impl RevealRight {
    /// Whether a person with this right holds the class key. Those who need an approval or an open request
    /// do not: the value is sealed to them one by one.
    pub fn holds_key(self) -> bool {
        matches!(self, Self::WithReason | Self::LightOnOwn)
    }
}

/// A role and all that it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: RoleName,
    /// Which customers it reaches.
    pub scope: Scope,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// How `contact` fields open.
    pub contact: RevealRight,
    /// How `sensitive` fields open.
    pub sensitive: RevealRight,
}

impl Role {
    /// Whether the role may.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// How fields of the class open to the role. Open fields need no reveal, so nothing opens them.
    pub fn reveal(&self, class: FieldClass) -> RevealRight {
        match class {
            FieldClass::Open => RevealRight::Never,
            FieldClass::Contact => self.contact,
            FieldClass::Sensitive => self.sensitive,
        }
    }

    /// Whether the role needs the class's blind key: to write, to search or to verify sealed values.
    pub fn needs_blind_key(&self) -> bool {
        [Permission::EditCustomers, Permission::SearchIdentifier, Permission::Verify, Permission::Import]
            .into_iter()
            .any(|p| self.may(p))
    }

    /// The role as shipped.
    pub fn shipped(name: RoleName) -> Self {
        use Permission::*;
        let (scope, contact, sensitive, permissions): (_, _, _, &[Permission]) = match name {
            RoleName::Owner => (Scope::All, RevealRight::LightOnOwn, RevealRight::WithReason, Permission::ALL),
            RoleName::Lead => (
                Scope::Team,
                RevealRight::WithReason,
                RevealRight::WithApproval,
                &[
                    ViewCustomers,
                    SearchIdentifier,
                    Verify,
                    EditCustomers,
                    Reassign,
                    LogInteractions,
                    FollowUps,
                    Deals,
                    Copy,
                    Import,
                    ManageRules,
                    Claim,
                    Export,
                    Consents,
                ],
            ),
            RoleName::Sales => (
                Scope::Own,
                RevealRight::LightOnOwn,
                RevealRight::WithApproval,
                &[
                    ViewCustomers,
                    SearchIdentifier,
                    Verify,
                    EditCustomers,
                    LogInteractions,
                    FollowUps,
                    Deals,
                    Copy,
                    Claim,
                    Consents,
                ],
            ),
            RoleName::Support => (
                Scope::All,
                RevealRight::WithReason,
                RevealRight::Never,
                &[ViewCustomers, SearchIdentifier, Verify, EditCustomers, LogInteractions, FollowUps, Consents],
            ),
            RoleName::PrivacyOfficer => (
                Scope::All,
                RevealRight::UnderRequest,
                RevealRight::UnderRequest,
                &[ViewCustomers, ReadAudit, ExportAudit, EraseCustomers, Consents, ConsentWording],
            ),
            RoleName::Auditor => (Scope::None, RevealRight::Never, RevealRight::Never, &[ReadAudit, ExportAudit]),
            RoleName::Administrator => (
                Scope::None,
                RevealRight::Never,
                RevealRight::Never,
                &[ManageStaff, ManageFields, ManagePolicy, ManageBackups, ManageRules],
            ),
        };
        Self { name, scope, permissions: permissions.to_vec(), contact, sensitive }
    }
}
