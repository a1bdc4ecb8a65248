//! `veilbook mask KIND [VALUE]`: what the mask renderer shows for a value.
//!
//! **Invariant:** the renderer is the one that every path uses; nothing is stored and no vault is opened.

use super::args::Mask;
use super::{Desk, Ended, Exit};
use crate::privacy::mask::mask;

pub(super) fn run(desk: &mut Desk<'_, '_>, args: &Mask) -> Ended {
    let shown = match &args.value {
        Some(value) => mask(args.kind.0, value),
        None => mask(args.kind.0, &desk.private_value("Value: ")?),
    };
    desk.print(shown.as_str())?;
    Ok(Exit::Done)
}
