//! The arguments of `veilbook fields`.
//!
//! **Invariant:** no value of a customer is ever an argument here.

use clap::{Args, Subcommand};

use crate::cli::words::{ClassWord, CustomerKindWord, FieldKindWord, FieldWord, MaskWord};

/// `fields`.
#[derive(Args, Debug)]
pub struct Fields {
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// What to do; without it, the fields are listed.
    #[command(subcommand)]
    pub command: Option<FieldsCommand>,
}

/// What can be done with fields.
#[derive(Subcommand, Debug)]
pub enum FieldsCommand {
    /// List the fields, with how far those are whose protection is being changed.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Add a field.
    Add(Box<FieldsAdd>),
    /// Write a field anew; what is left out stays as it is.
    Change(Box<FieldsChange>),
    /// Move a field one place in the order of forms and lists.
    Move {
        /// The field.
        #[arg(value_name = "KEY")]
        key: FieldWord,
        /// Which way.
        #[arg(value_name = "WAY", value_parser = ["up", "down"])]
        way: String,
    },
    /// Put a field in another class: a stricter one at once, a looser one when somebody who holds the key agrees.
    Class {
        /// The field.
        #[arg(value_name = "KEY")]
        key: FieldWord,
        /// The class.
        #[arg(value_name = "CLASS")]
        class: ClassWord,
    },
    /// Give a field another mask, likewise.
    Mask {
        /// The field.
        #[arg(value_name = "KEY")]
        key: FieldWord,
        /// The kind of mask.
        #[arg(value_name = "KIND")]
        mask: MaskWord,
    },
    /// As somebody who holds the key, agree to what was asked to be looser.
    Confirm {
        /// The field.
        #[arg(value_name = "KEY")]
        key: FieldWord,
    },
    /// Seal anew what is still to be, as far as your own keys go.
    Run,
    /// Say where a field is used: in which views, templates, cadences and rules.
    Uses {
        /// The field.
        #[arg(value_name = "KEY")]
        key: FieldWord,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

/// `fields add`.
#[derive(Args, Debug)]
pub struct FieldsAdd {
    /// Its key, for scripts and imports.
    #[arg(value_name = "KEY")]
    pub key: FieldWord,
    /// Its label in English.
    #[arg(long, value_name = "TEXT")]
    pub label: String,
    /// Why it is asked for.
    #[arg(long, value_name = "TEXT")]
    pub purpose: String,
    /// What it holds.
    #[arg(long, value_name = "KIND", default_value = "text")]
    pub kind: FieldKindWord,
    /// How far it is protected; without it, as far as can be.
    #[arg(long, value_name = "CLASS")]
    pub class: Option<ClassWord>,
    /// The rest.
    #[command(flatten)]
    pub rest: FieldsRest,
}

/// `fields change`.
#[derive(Args, Debug)]
pub struct FieldsChange {
    /// The field.
    #[arg(value_name = "KEY")]
    pub key: FieldWord,
    /// Its label in English.
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// Why it is asked for.
    #[arg(long, value_name = "TEXT")]
    pub purpose: Option<String>,
    /// The rest.
    #[command(flatten)]
    pub rest: FieldsRest,
}

/// What adding a field and writing one anew have in common.
#[derive(Args, Debug)]
pub struct FieldsRest {
    /// Its label in Chinese.
    #[arg(long, value_name = "TEXT")]
    pub label_zh: Option<String>,
    /// Whether it must be filled.
    #[arg(long, value_name = "NEED", value_parser = ["required", "optional"])]
    pub need: Option<String>,
    /// Which customers have it.
    #[arg(long, value_name = "KIND")]
    pub of: Option<CustomerKindWord>,
    /// All customers have it.
    #[arg(long, conflicts_with = "of")]
    pub of_all: bool,
    /// What may be chosen, with a bar between.
    #[arg(long, value_name = "ONE|OTHER")]
    pub choices: Option<String>,
    /// How many months a value may be kept without a contact; 0 for as long as anybody likes.
    #[arg(long, value_name = "MONTHS")]
    pub keep_months: Option<u16>,
}
