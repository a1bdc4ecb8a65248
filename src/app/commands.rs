//! Every command, one row each: what it is called, where its keys work, what the role must have.
//!
//! Keymap, palette, help, which-key and footer all read this list; the description of a command is the locale text
//! `cmd-CODE` (underscores as hyphens), and may have other words to be looked for by in `also-CODE`.
//! **Invariant:** a command does nothing that its row does not allow: the frame asks [`Command::allowed`] first.

use crate::domain::role::Permission;

use super::env::Env;

/// Where keys work. A panel names its places innermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Everywhere once somebody is signed in.
    Global,
    /// Every list.
    List,
    /// The list of customers.
    Customers,
    /// The query bar, while it has the keys.
    Search,
    /// A customer's detail.
    Detail,
    /// The prompt in place: reveal, verify, copy, replace.
    Prompt,
    /// Today.
    Today,
    /// The agenda.
    FollowUps,
    /// The stages with their deals.
    Pipeline,
    /// A customer's follow-ups.
    Reminders,
    /// Wherever the cursor is on a deal.
    Deals,
    /// Wherever the cursor is on a case.
    Cases,
    /// Wherever the cursor is on a purpose that customers agree to.
    Consents,
    /// Wherever the cursor is on somebody who belongs to the customer.
    People,
    /// The month calendar.
    Calendar,
    /// The record of actions.
    Audit,
    /// Administration.
    Admin,
    /// The pairs of customers who are probably one.
    Duplicates,
    /// What is wrong with the data.
    Quality,
    /// The choice of columns.
    Columns,
    /// A form.
    Form,
    /// A popup that is read: help, a message.
    Popup,
    /// The palette.
    Palette,
    /// Unlock and first run.
    Entrance,
}

crate::codes::codes!(Place: Global = "global", List = "list", Customers = "customers", Search = "search",
    Detail = "detail", Prompt = "prompt", Today = "today", FollowUps = "follow_ups", Pipeline = "pipeline",
    Reminders = "reminders", Deals = "deals", Cases = "cases", Consents = "consents", People = "people", Calendar = "calendar", Audit = "audit", Admin = "admin",
    Duplicates = "duplicates", Quality = "quality", Columns = "columns", Form = "form", Popup = "popup", Palette = "palette", Entrance = "entrance");

/// One row.
#[derive(Debug)]
pub struct Command {
    /// Which.
    pub cmd: Cmd,
    /// Its name in keymaps.
    pub code: &'static str,
    /// Where its keys work.
    pub places: &'static [Place],
    /// What the role must have.
    pub needs: Needs,
}

/// What a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// Somebody signed in.
    Person,
    /// A permission of the role.
    Right(Permission),
}

/// Why a command is not available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody is signed in.
    NobodySignedIn,
    /// The role lacks this.
    Role(Permission),
    /// The locale key of another reason.
    Because(&'static str),
}

impl Why {
    /// In words.
    pub fn text(self, env: &Env) -> String {
        match self {
            Self::NobodySignedIn => env.t("why-signed-out"),
            Self::Role(permission) => {
                let what = env.t(&super::wording::key("permission", permission.code()));
                env.ta("why-role", &[("what", &what)])
            }
            Self::Because(key) => env.t(key),
        }
    }
}

macro_rules! commands {
    ($($(#[$doc:meta])* $cmd:ident = $code:literal, [$($place:ident),+], $needs:expr;)+) => {
        /// A command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Cmd { $($(#[$doc])* $cmd),+ }

        /// Every command, in the order in which help and palette show them.
        pub const COMMANDS: &[Command] = &[
            $(Command { cmd: Cmd::$cmd, code: $code, places: &[$(Place::$place),+], needs: $needs }),+
        ];

        impl Cmd {
            /// Its row.
            pub fn row(self) -> &'static Command {
                match self {
                    $(Self::$cmd => {
                        const ROW: Command =
                            Command { cmd: Cmd::$cmd, code: $code, places: &[$(Place::$place),+], needs: $needs };
                        &ROW
                    }),+
                }
            }
        }
    };
}

use Needs::{Nothing, Person, Right};
use Permission::{
    Claim, ConsentWording, Consents, Copy, Deals, EditCustomers, EraseCustomers, FollowUps, LogInteractions,
    ManageBackups, ManageFields, ManagePolicy, ManageRules, ManageStaff, ReadAudit, Verify, ViewCustomers,
};

commands! {
    /// Opens what the cursor is on.
    Open = "open", [List], Person;
    /// One level back.
    Back = "back", [List, Detail, Search, Prompt, Form, Popup, Palette, Entrance], Nothing;
    /// The cursor one row up.
    Up = "up", [List, Search, Popup, Palette], Nothing;
    /// The cursor one row down.
    Down = "down", [List, Search, Popup, Palette], Nothing;
    /// A page up.
    PageUp = "page_up", [List, Search, Popup, Palette], Nothing;
    /// A page down.
    PageDown = "page_down", [List, Search, Popup, Palette], Nothing;
    /// To the first row.
    Top = "top", [List, Popup], Nothing;
    /// To the last row.
    Bottom = "bottom", [List, Popup], Nothing;
    /// The cursor into the query bar.
    Search = "search", [List], Person;
    /// Marks the row.
    Mark = "mark", [List], Person;
    /// Marks all rows from the one marked last to the cursor.
    MarkRange = "mark_range", [Customers], Right(ViewCustomers);
    /// Marks everybody whom the query finds.
    MarkAll = "mark_all", [Customers], Right(ViewCustomers);
    /// Does one thing to all who are marked.
    Bulk = "bulk", [Customers], Right(EditCustomers);
    /// What is missing, invalid or contradictory in the data.
    Quality = "quality", [Customers], Right(EditCustomers);
    /// Mends what is wrong.
    Fix = "fix", [Quality], Right(EditCustomers);
    /// The tags, with how many have each.
    Tags = "tags", [Customers], Right(ViewCustomers);
    /// What the program does by itself.
    Rules = "rules", [Customers, Admin], Right(ManageRules);
    /// The shared pool.
    Pool = "pool", [Customers], Right(Claim);
    /// The wordings that customers agree to.
    Wordings = "wordings", [Customers, Admin], Right(ConsentWording);
    /// Customers who are probably there more than once.
    Duplicates = "duplicates", [Customers], Right(EditCustomers);
    /// Merges the pair.
    MergePair = "merge_pair", [Duplicates], Right(EditCustomers);
    /// Says that the two are not the same.
    NotSame = "not_same", [Duplicates], Right(EditCustomers);
    /// Leaves the pair for now.
    SkipPair = "skip_pair", [Duplicates], Right(EditCustomers);
    /// Takes a part from the other of the two.
    TakeSide = "take_side", [Duplicates], Right(EditCustomers);
    /// Keeps the other of the two.
    SwapPair = "swap_pair", [Duplicates], Right(EditCustomers);
    /// Looks for pairs with masked values compared by likeness.
    LookCloser = "look_closer", [Duplicates], Right(EditCustomers);
    /// Looks for pairs anew.
    LookAgain = "look_again", [Duplicates], Right(EditCustomers);
    /// Another order.
    Sort = "sort", [Customers], Right(ViewCustomers);
    /// A new customer.
    NewCustomer = "new_customer", [Customers, Today], Right(EditCustomers);
    /// Out of the query bar, or on to the record.
    Submit = "submit", [Search, Prompt, Palette, Entrance], Nothing;
    /// Writes what is offered at the cursor of the query.
    Complete = "complete", [Search], Right(ViewCustomers);
    /// The queries kept under a name.
    Views = "views", [Customers], Right(ViewCustomers);
    /// Keeps the query under a name.
    SaveView = "save_view", [Customers], Right(ViewCustomers);
    /// Which columns the list shows, in which order and how wide.
    Columns = "columns", [Customers], Right(ViewCustomers);
    /// Shows the first view.
    ShowView1 = "show_view_1", [Customers], Right(ViewCustomers);
    /// Shows the second view.
    ShowView2 = "show_view_2", [Customers], Right(ViewCustomers);
    /// Shows the third view.
    ShowView3 = "show_view_3", [Customers], Right(ViewCustomers);
    /// Shows the fourth view.
    ShowView4 = "show_view_4", [Customers], Right(ViewCustomers);
    /// Shows the fifth view.
    ShowView5 = "show_view_5", [Customers], Right(ViewCustomers);
    /// Shows the sixth view.
    ShowView6 = "show_view_6", [Customers], Right(ViewCustomers);
    /// Shows the seventh view.
    ShowView7 = "show_view_7", [Customers], Right(ViewCustomers);
    /// Shows the eighth view.
    ShowView8 = "show_view_8", [Customers], Right(ViewCustomers);
    /// Shows the ninth view.
    ShowView9 = "show_view_9", [Customers], Right(ViewCustomers);
    /// A column on or off.
    ToggleColumn = "toggle_column", [Columns], Right(ViewCustomers);
    /// A column one place earlier.
    ColumnUp = "column_up", [Columns], Right(ViewCustomers);
    /// A column one place later.
    ColumnDown = "column_down", [Columns], Right(ViewCustomers);
    /// A column one cell wider.
    Wider = "wider", [Columns], Right(ViewCustomers);
    /// A column one cell narrower.
    Narrower = "narrower", [Columns], Right(ViewCustomers);
    /// The standard columns.
    StandardColumns = "standard_columns", [Columns], Right(ViewCustomers);
    /// Gives the list these columns.
    KeepColumns = "keep_columns", [Columns], Right(ViewCustomers);
    /// Shows a masked value.
    Reveal = "reveal", [Detail], Right(ViewCustomers);
    /// Compares a value with what a caller says.
    Verify = "verify", [Detail], Right(Verify);
    /// Puts a value on the clipboard.
    Copy = "copy", [Detail], Right(Copy);
    /// Writes a value over an unseen one.
    Replace = "replace", [Detail], Right(EditCustomers);
    /// Erases the customer for good.
    EraseCustomer = "erase_customer", [Detail], Right(EraseCustomers);
    /// Shows one kind of what happened, or all of it.
    TimelineKind = "timeline_kind", [Detail], Right(ViewCustomers);
    /// Changes the customer.
    Edit = "edit", [Customers, Detail], Right(EditCustomers);
    /// Logs a contact.
    LogContact = "log_contact", [Customers, Detail, FollowUps, Today, Pipeline, Cases], Right(LogInteractions);
    /// Sets a reminder.
    AddFollowUp = "add_follow_up", [Customers, Detail, Pipeline], Right(FollowUps);
    /// Puts a cadence on the customer, or ends one.
    PutCadence = "put_cadence", [Customers, Detail], Right(FollowUps);
    /// How often to be in touch with the customer.
    Touch = "touch", [Detail], Right(FollowUps);
    /// Gives the customer back to the pool.
    ReleaseCustomer = "release_customer", [Detail], Right(Claim);
    /// The record before this one.
    Previous = "previous_record", [Detail], Person;
    /// The record after this one.
    Next = "next_record", [Detail], Person;
    /// The next part of the detail.
    NextPart = "next_part", [Detail, FollowUps, Pipeline, Audit, Admin, Cases], Person;
    /// Finishes a reminder.
    Finish = "finish", [FollowUps, Today, Detail], Right(FollowUps);
    /// Puts a reminder off.
    Snooze = "snooze", [FollowUps, Today, Reminders], Right(FollowUps);
    /// Writes a reminder anew.
    EditFollowUp = "edit_follow_up", [FollowUps, Today, Reminders], Right(FollowUps);
    /// Hands a reminder on.
    AssignFollowUp = "assign_follow_up", [FollowUps, Today, Reminders], Right(FollowUps);
    /// The month calendar, or the agenda again.
    Calendar = "calendar", [FollowUps], Right(FollowUps);
    /// One's own reminders, or everybody's.
    Everybody = "everybody", [FollowUps], Right(FollowUps);
    /// The day before.
    DayBack = "day_back", [Calendar], Right(FollowUps);
    /// The day after.
    DayOn = "day_on", [Calendar], Right(FollowUps);
    /// Takes a reminder back.
    Drop = "drop", [FollowUps, Reminders], Right(FollowUps);
    /// Opens a deal.
    NewDeal = "new_deal", [Deals, Detail], Right(Deals);
    /// Changes a deal.
    EditDeal = "edit_deal", [Deals], Right(Deals);
    /// Moves a deal one stage on.
    DealOn = "deal_on", [Deals], Right(Deals);
    /// Moves a deal one stage back.
    DealBack = "deal_back", [Deals], Right(Deals);
    /// A deal is won.
    WinDeal = "win_deal", [Deals], Right(Deals);
    /// A deal is lost.
    LoseDeal = "lose_deal", [Deals], Right(Deals);
    /// A settled deal is under way again.
    ReopenDeal = "reopen_deal", [Deals], Right(Deals);
    /// A deal never was one.
    RemoveDeal = "remove_deal", [Deals], Right(Deals);
    /// Gives a deal to somebody else.
    HandDeal = "hand_deal", [Deals], Right(Deals);
    /// The pipelines and their stages.
    Stages = "stages", [Pipeline, Admin], Right(ManagePolicy);
    /// Joins a company and a person.
    Link = "link", [Detail, People], Right(EditCustomers);
    /// Parts them.
    Unlink = "unlink", [People], Right(EditCustomers);
    /// Opens a case.
    NewCase = "new_case", [Detail, Cases], Right(LogInteractions);
    /// Changes a case.
    EditCase = "edit_case", [Cases], Right(LogInteractions);
    /// Takes a case.
    TakeCase = "take_case", [Cases], Right(LogInteractions);
    /// Hands a case on.
    HandCase = "hand_case", [Cases], Right(LogInteractions);
    /// A case waits for somebody else.
    WaitCase = "wait_case", [Cases], Right(LogInteractions);
    /// A case is closed.
    CloseCase = "close_case", [Cases], Right(LogInteractions);
    /// A case is open again.
    ReopenCase = "reopen_case", [Cases], Right(LogInteractions);
    /// The customer agrees to a purpose.
    GiveConsent = "give_consent", [Consents], Right(Consents);
    /// The customer refuses a purpose.
    RefuseConsent = "refuse_consent", [Consents], Right(Consents);
    /// The customer withdraws what they agreed to.
    WithdrawConsent = "withdraw_consent", [Consents], Right(Consents);
    /// The stage to the left.
    ColumnLeft = "column_left", [Pipeline], Right(Deals);
    /// The stage to the right.
    ColumnRight = "column_right", [Pipeline], Right(Deals);
    /// Columns, or one deal below the other.
    BoardOrList = "board_or_list", [Pipeline], Right(Deals);
    /// Another pipeline.
    NextPipeline = "next_pipeline", [Pipeline], Right(Deals);
    /// Checks the whole record of actions.
    VerifyRecord = "verify_record", [Audit], Right(ReadAudit);
    /// Signs the record's state.
    Checkpoint = "checkpoint", [Audit], Right(ReadAudit);
    /// Adds somebody to the staff.
    AddStaff = "add_staff", [Admin], Right(ManageStaff);
    /// Shuts somebody out.
    DisableStaff = "disable_staff", [Admin], Right(ManageStaff);
    /// Puts somebody into a team.
    SetTeam = "set_team", [Admin], Right(ManageStaff);
    /// Takes somebody's second factor away.
    ResetFactor = "reset_factor", [Admin], Right(ManageStaff);
    /// Registers somebody's SSH key.
    AddStaffKey = "add_staff_key", [Admin], Right(ManageStaff);
    /// Takes an SSH key of somebody's away.
    RemoveStaffKey = "remove_staff_key", [Admin], Right(ManageStaff);
    /// Ends a session of somebody else.
    EndSession = "end_session", [Admin], Right(ManageStaff);
    /// Ends all sessions of one person.
    EndSessionsOf = "end_sessions_of", [Admin], Right(ManageStaff);
    /// Ends all sessions and shuts the vault.
    SealVault = "seal_vault", [Admin], Right(ManageStaff);
    /// Changes a policy value.
    ChangePolicy = "change_policy", [Admin], Right(ManagePolicy);
    /// Adds a field.
    AddField = "add_field", [Admin], Right(ManageFields);
    /// Writes a field anew.
    ChangeField = "change_field", [Admin], Right(ManageFields);
    /// Changes how a field is protected.
    ProtectField = "protect_field", [Admin], Right(ManageFields);
    /// Moves a field one row up.
    FieldUp = "field_up", [Admin], Right(ManageFields);
    /// Moves a field one row down.
    FieldDown = "field_down", [Admin], Right(ManageFields);
    /// Puts a field in or out of use.
    SwitchField = "switch_field", [Admin], Right(ManageFields);
    /// The texts that are kept under a name.
    Templates = "templates", [Admin], Right(ManagePolicy);
    /// The named series of steps.
    Cadences = "cadences", [Admin], Right(ManagePolicy);
    /// The reasons for which customers are lost, and how many are for each.
    LossReasons = "loss_reasons", [Customers, Admin], Right(ManagePolicy);
    /// Makes a recovery key.
    NewRecovery = "new_recovery", [Admin], Right(ManageStaff);
    /// Splits the recovery key into shares.
    SplitRecovery = "split_recovery", [Admin], Right(ManageStaff);
    /// Raises what a passphrase costs.
    Recalibrate = "recalibrate", [Admin], Right(ManagePolicy);
    /// Replaces the vault's keys.
    RotateKeys = "rotate_keys", [Admin], Right(ManageStaff);
    /// Backs up now.
    BackUp = "back_up", [Admin], Right(ManageBackups);
    /// Reads a backup back.
    VerifyBackup = "verify_backup", [Admin], Right(ManageBackups);
    /// Restores a backup to a temporary place and compares.
    DrillBackup = "drill_backup", [Admin], Right(ManageBackups);
    /// Stops what is under way with backups.
    StopBackup = "stop_backup", [Admin], Right(ManageBackups);
    /// Adds a place for backups.
    AddPlace = "add_place", [Admin], Right(ManageBackups);
    /// Sends no more backups to a place.
    RemovePlace = "remove_place", [Admin], Right(ManageBackups);
    /// Changes a setting of backups.
    ChangeBackup = "change_backup", [Admin], Right(ManageBackups);
    /// Saves the form.
    Save = "save", [Form], Person;
    /// The customer declined to give the value.
    Decline = "decline", [Form], Person;
    /// Another kind of contact, or another role.
    ContactKind = "contact_kind", [Form], Person;
    /// Who began the contact.
    ContactDirection = "contact_direction", [Form], Right(LogInteractions);
    /// The templates, one of which fills the text in.
    ChooseTemplate = "choose_template", [Form], Right(LogInteractions);
    /// Puts the text on the clipboard with its places filled in.
    CopyMessage = "copy_message", [Form], Right(Copy);
    /// The next field.
    NextField = "next_field", [Form, Prompt, Entrance], Nothing;
    /// The field before.
    PreviousField = "previous_field", [Form, Prompt, Entrance], Nothing;
    /// The other way in: setup code, or the sample vault.
    OtherWay = "other_way", [Entrance], Nothing;
    /// Takes back one's own last change.
    Undo = "undo", [Global], Person;
    /// The keys that work here.
    Help = "help", [Global, Entrance], Nothing;
    /// Every command.
    Palette = "palette", [Global], Person;
    /// Today.
    GoToday = "go_today", [Global], Person;
    /// Customers.
    GoCustomers = "go_customers", [Global], Right(ViewCustomers);
    /// Follow-ups.
    GoFollowUps = "go_follow_ups", [Global], Right(FollowUps);
    /// The pipeline.
    GoPipeline = "go_pipeline", [Global], Right(Deals);
    /// The cases that are not closed.
    OpenCases = "open_cases", [Global], Right(LogInteractions);
    /// Audit.
    GoAudit = "go_audit", [Global], Right(ReadAudit);
    /// Admin.
    GoAdmin = "go_admin", [Global], Right(ManageStaff);
    /// Takes up the reminder that the status line tells of.
    TakeReminder = "take_reminder", [Global], Right(FollowUps);
    /// One's own second factor.
    SecondFactor = "second_factor", [Global], Person;
    /// Changes one's own passphrase.
    ChangePassphrase = "change_passphrase", [Global], Person;
    /// The other language.
    Language = "language", [Global, Entrance], Nothing;
    /// Other colours.
    Theme = "theme", [Global, Entrance], Nothing;
    /// Other keys.
    Keymap = "keymap", [Global], Person;
    /// Another way of hearing that a reminder came due.
    Alarm = "alarm", [Global], Right(FollowUps);
    /// Draws the screen anew.
    Redraw = "redraw", [Global, Entrance], Nothing;
    /// Locks at once.
    Lock = "lock", [Global], Person;
    /// Leaves.
    Quit = "quit", [Global, Entrance], Nothing;
}

impl Command {
    /// Whether the person's role allows it.
    pub fn allowed(&self, env: &Env) -> Result<(), Why> {
        match self.needs {
            Needs::Nothing => Ok(()),
            Needs::Person if env.me.is_some() => Ok(()),
            Needs::Person => Err(Why::NobodySignedIn),
            Needs::Right(_) if env.me.is_none() => Err(Why::NobodySignedIn),
            Needs::Right(permission) if env.may(permission) => Ok(()),
            Needs::Right(permission) => Err(Why::Role(permission)),
        }
    }

    /// What it does, in words.
    pub fn text(&self, env: &Env) -> String {
        env.t(&super::wording::key("cmd", self.code))
    }

    /// Other words by which somebody may look for it.
    pub fn other_words(&self, env: &Env) -> String {
        let key = super::wording::key("also", self.code);
        if env.words.has(&key) { env.t(&key) } else { String::new() }
    }

    /// The row with this name.
    pub fn by_code(code: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|c| c.code == code)
    }
}

impl Cmd {
    /// The commands that show a saved view, by the view's number from 1.
    pub const SHOW_VIEW: [Self; 9] = [
        Self::ShowView1,
        Self::ShowView2,
        Self::ShowView3,
        Self::ShowView4,
        Self::ShowView5,
        Self::ShowView6,
        Self::ShowView7,
        Self::ShowView8,
        Self::ShowView9,
    ];

    /// The number of the saved view that it shows, from 1, if it shows one.
    pub fn view_number(self) -> Option<usize> {
        Self::SHOW_VIEW.iter().position(|cmd| *cmd == self).map(|at| at + 1)
    }

    /// The short word that the footer shows, as the locale key `do-CODE`.
    pub fn short(self, env: &Env) -> String {
        env.t(&super::wording::key("do", self.row().code))
    }
}
