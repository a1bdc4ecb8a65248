//! The FollowUps screen.
//!
//! **Invariant:** what it shows is what the door last answered.

use ratatui::layout::Rect;

use crate::app::commands::{Cmd, Place};
use crate::app::env::Env;
use crate::app::panel::{Handled, Panel};
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;

/// The screen's state.
#[derive(Debug, Default)]
pub struct FollowUps {}

impl Panel for FollowUps {
    fn places(&self) -> Vec<Place> {
        vec![Place::FollowUps, Place::List]
    }

    fn footer(&self) -> Vec<Cmd> {
        vec![Cmd::Open, Cmd::Palette]
    }

    fn run(&mut self, _env: &mut Env, _cmd: Cmd) -> Handled {
        Handled::No
    }

    fn draw(&self, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
        canvas.text(area, 0, 0, &env.t("screen-follow-ups"), env.theme.style(Ink::Strong));
    }
}
