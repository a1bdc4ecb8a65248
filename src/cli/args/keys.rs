//! The arguments of what is done with passphrases and keys.
//!
//! **Invariant:** a passphrase, a setup code and the recovery words come from a file, a descriptor or a prompt, never
//! from an argument.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `setup`.
#[derive(Args, Debug)]
pub struct Setup {
    /// The name that you sign in with.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// An open file descriptor from which the setup code is read.
    #[arg(long, value_name = "N")]
    pub code_fd: Option<u32>,
}

/// `passphrase`.
#[derive(Args, Debug)]
pub struct Passphrase {
    /// A file whose first line is the new passphrase. Nobody but you may be able to read it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "new_passphrase_fd")]
    pub new_passphrase_file: Option<PathBuf>,
    /// An open file descriptor from which the new passphrase is read, up to the end of the line.
    #[arg(long, value_name = "N")]
    pub new_passphrase_fd: Option<u32>,
}

/// `keys`.
#[derive(Subcommand, Debug)]
pub enum Keys {
    /// Show the recovery key's state, what a passphrase costs, who has not moved to it, and the last rotation.
    Show,
    /// Raise what a passphrase costs to try to what this machine can bear. Everybody moves at their next sign-in.
    Recalibrate,
}

/// `recovery`.
#[derive(Subcommand, Debug)]
pub enum Recovery {
    /// Make a recovery key, in the place of any before it: 24 words, shown once and asked back.
    New,
    /// Split the recovery key, whose words are asked for, into shares for several people.
    Split(RecoverySplit),
    /// Establish an owner anew with the recovery words, or with enough shares. They are asked for, or read from standard
    /// input; the owner's new passphrase comes from the usual options. The key has done its work then.
    Use(RecoveryUse),
}

/// `recovery split`.
#[derive(Args, Debug)]
pub struct RecoverySplit {
    /// How many shares are needed to use the key.
    #[arg(short = 'k', value_name = "K", value_parser = clap::value_parser!(u8).range(2..=15))]
    pub needed: u8,
    /// How many shares are made.
    #[arg(short = 'n', value_name = "N", value_parser = clap::value_parser!(u8).range(2..=15))]
    pub shares: u8,
}

/// `recovery use`.
#[derive(Args, Debug)]
pub struct RecoveryUse {
    /// The owner's name: somebody's who is there, or a new one.
    #[arg(long, value_name = "NAME")]
    pub owner: String,
}

/// `rotate`.
#[derive(Args, Debug)]
pub struct Rotate {
    /// Remove the unfinished copy that an interrupted run left, and replace nothing.
    #[arg(long)]
    pub discard: bool,
}
