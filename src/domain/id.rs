//! One type for each kind of id, so that a staff member's number is never taken for a customer's.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A customer; given in order, never used again.
    CustomerId, u64
);
id!(
    /// A logged contact.
    InteractionId, u64
);
id!(
    /// A reminder.
    FollowUpId, u64
);
id!(
    /// An opportunity.
    DealId, u64
);
id!(
    /// A matter that a customer came with.
    CaseId, u64
);
id!(
    /// Something that a customer agreed to, refused or withdrew.
    ConsentId, u64
);
id!(
    /// A text that is kept under a name.
    TemplateId, u64
);
id!(
    /// A named series of steps.
    CadenceId, u64
);
id!(
    /// A stage of a pipeline; never given twice.
    StageId, u32
);
id!(
    /// A row of stages.
    PipelineId, u32
);
id!(
    /// A staff member.
    StaffId, u32
);
id!(
    /// One signed-in stay of one staff member.
    SessionId, u64
);
id!(
    /// An import or a bulk job, whose records stay unseen until its last commit.
    JobId, u64
);
id!(
    /// The place of an entry in the record of actions, from 0.
    EntrySeq, u64
);
id!(
    /// A query that is kept under a name.
    SavedViewId, u64
);
id!(
    /// A rule; given in order from 1, never used again.
    RuleId, u64
);
id!(
    /// An alert raised by the program.
    AlertId, u64
);
