//! `veilbook completions SHELL` and `veilbook man`, from the one definition of the command line.
//!
//! **Invariant:** nothing is written by hand that the definition holds.

use std::io;

use clap::Command;
use clap_mangen::Man;

use super::args::Completions;
use super::trouble::Trouble;
use super::{Desk, Ended, Exit, definition};

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Completions) -> Ended {
    // Through memory, since the generator stops the process where its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition(), "veilbook", &mut script);
    desk.io.output.write_all(&script)?;
    Ok(Exit::Done)
}

pub(super) fn man(desk: &mut Desk<'_, '_>) -> Ended {
    let page = page().map_err(Trouble::from)?;
    desk.io.output.write_all(page.as_bytes())?;
    Ok(Exit::Done)
}

/// One page for the program and all its commands.
fn page() -> io::Result<String> {
    let mut root = definition();
    root.build();
    let whole = Man::new(root.clone()).manual("veilbook");
    let mut out = Vec::new();
    whole.render_title(&mut out)?;
    whole.render_name_section(&mut out)?;
    whole.render_synopsis_section(&mut out)?;
    whole.render_description_section(&mut out)?;
    whole.render_options_section(&mut out)?;
    out.extend_from_slice(b".SH COMMANDS\n");
    for command in root.get_subcommands() {
        describe(command, &mut out)?;
    }
    whole.render_extra_section(&mut out)?;
    whole.render_version_section(&mut out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// A command, where it does something by itself, and each of those under it.
fn describe(command: &Command, out: &mut Vec<u8>) -> io::Result<()> {
    if !command.is_subcommand_required_set() {
        describe_alone(command, out)?;
    }
    command.get_subcommands().try_for_each(|below| describe(below, out))
}

fn describe_alone(command: &Command, out: &mut Vec<u8>) -> io::Result<()> {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    out.extend_from_slice(format!(".SS \"{name}\"\n").as_bytes());
    // What every command takes stands once, above.
    let own = command.clone().mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
    let man = Man::new(own);
    let mut part = Vec::new();
    man.render_description_section(&mut part)?;
    man.render_synopsis_section(&mut part)?;
    man.render_options_section(&mut part)?;
    for line in String::from_utf8_lossy(&part).lines() {
        // Its sections become paragraphs of this one.
        out.extend_from_slice(if line.starts_with(".SH ") { ".PP" } else { line }.as_bytes());
        out.push(b'\n');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_names_every_command_and_every_option() {
        let page = page().unwrap().replace("\\-", "-");
        fn check(command: &Command, page: &str) {
            for below in command.get_subcommands() {
                assert!(page.contains(below.get_name()), "{}", below.get_name());
                check(below, page);
            }
            for long in command.get_arguments().filter(|a| !a.is_hide_set()).filter_map(clap::Arg::get_long) {
                assert!(page.contains(&format!("--{long}")), "--{long}");
            }
        }
        check(&definition(), &page);
    }
}
