//! Doctor's look at the terminal.

use super::{Findings, Health};
use crate::cli::Desk;
use crate::cli::env::{Encoding, Sink};

pub(super) fn look(found: &mut Findings, desk: &Desk<'_, '_>) {
    let env = desk.env;
    let name = env.term.as_deref().unwrap_or_default();
    let mut add = |health, key: &str, columns: u16| {
        found.add("terminal", health, key, &[("name", &name), ("columns", &columns)]);
    };
    match (env.output, name, env.encoding) {
        (Sink::Stream, ..) => add(Health::Unchecked, "doctor-no-terminal", 0),
        (_, "" | "dumb", _) => add(Health::Mind, "doctor-terminal-dumb", 0),
        (_, _, Encoding::Other) => add(Health::Mind, "doctor-not-utf8", 0),
        (Sink::Terminal { columns }, ..) if columns < 80 => add(Health::Mind, "doctor-narrow", columns),
        (Sink::Terminal { columns }, ..) => add(Health::Well, "doctor-terminal", columns),
    }
}
