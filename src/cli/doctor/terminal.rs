//! Doctor's look at the terminal.

use super::{Findings, Health};
use crate::cli::Desk;
use crate::cli::env::{Encoding, Sink};

pub(super) fn look(found: &mut Findings, desk: &Desk<'_, '_>) {
    let env = desk.env;
    let name = env.term.as_deref().unwrap_or_default();
    let (health, words) = match (env.output, name, env.encoding) {
        (Sink::Stream, ..) => (Health::Unchecked, "standard output is not a terminal".to_owned()),
        (_, "" | "dumb", _) => (Health::Mind, "TERM names none with a full screen: use --plain".to_owned()),
        (_, _, Encoding::Other) => (Health::Mind, "the locale is not UTF-8: names may not show".to_owned()),
        (Sink::Terminal { columns }, ..) if columns < 80 => {
            (Health::Mind, format!("{columns} columns; 80 are needed for all there is to see"))
        }
        (Sink::Terminal { columns }, ..) => (Health::Well, format!("{name}, {columns} columns, UTF-8")),
    };
    found.add("terminal", health, words);
}
