//! The arguments of what is done with templates.
//!
//! **Invariant:** a template is named by its name.

use clap::{Args, Subcommand};

use crate::cli::words::KindWord;

/// `templates`.
#[derive(Subcommand, Debug)]
pub enum Templates {
    /// List the templates by name.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Print a template's text.
    Show {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Keep a text under a name, or write the one of that name anew.
    Add(TemplatesAdd),
    /// Remove a template.
    Remove {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// `templates add`.
#[derive(Args, Debug)]
pub struct TemplatesAdd {
    /// Its name.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// For which kind of contact: call, email, chat, visit or note.
    #[arg(long, value_name = "KIND", default_value = "note")]
    pub kind: KindWord,
    /// The text. In it {name}, {company}, {me}, {date} and {field.KEY} are filled in.
    #[arg(long, value_name = "TEXT")]
    pub text: String,
}
