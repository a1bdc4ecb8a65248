//! How the form of a deal looks.

use ratatui::layout::Rect;

use super::{DealForm, Line, Purpose, day, percent};
use crate::app::env::Env;
use crate::app::form::leaving;
use crate::app::form::line::{self, Focus, LABEL};
use crate::app::theme::Ink;
use crate::app::widget::canvas::Canvas;
use crate::app::widget::frame;
use crate::domain::staff::LoginName;
use crate::domain::when;
use crate::text;

/// Draws the form with what was read of each line under it.
pub(super) fn form(form: &DealForm, env: &Env, area: Rect, canvas: &mut Canvas<'_>) {
    let title = match (&form.purpose, &form.customer) {
        (Purpose::Edit { .. }, Some((_, name))) => env.ta("deals-form-edit", &[("name", name)]),
        (_, Some((_, name))) if !form.finds() => env.ta("deals-form-new", &[("name", name)]),
        _ => env.t("deals-form-somebody"),
    };
    let lines = u16::try_from(form.lines().len()).unwrap_or(5);
    let inside = frame::sheet(env, canvas, area, lines * 2 + 3, &title);
    for (at, one) in form.lines().iter().enumerate() {
        let row = u16::try_from(at).unwrap_or(0) * 2;
        let (label, input) = match one {
            Line::Who => ("deals-who", &form.who),
            Line::Title => ("part-title", &form.title),
            Line::Amount => ("part-amount", &form.amount),
            Line::Close => ("deals-label-close", &form.close),
            Line::Probability => ("deals-label-odds", &form.probability),
            Line::Owner => ("deals-label-owner", &form.owner),
        };
        line::draw(env, canvas, (inside, row), &env.t(label), input, Focus::on(form.at, *one));
        let (said, ink) = read_back(form, env, *one);
        let room = usize::from(inside.width.saturating_sub(LABEL));
        canvas.text(inside, row + 1, LABEL, &text::cut(&said, room), env.theme.style(ink));
    }
    let foot = lines * 2;
    leaving::foot(env, canvas, (inside, foot), form.leaving, &form.saving);
}

/// What was understood of a line, or what could be written there.
fn read_back(form: &DealForm, env: &Env, line: Line) -> (String, Ink) {
    let said = |read: Result<String, String>, hint: &str, typed: &str| match read {
        _ if typed.trim().is_empty() => (env.t(hint), Ink::Dim),
        Ok(said) => (said, Ink::Good),
        Err(why) => (why, Ink::Warn),
    };
    match line {
        Line::Who => match (&form.customer, form.found.split_first()) {
            (Some((_, name)), _) => (format!("→ {name}"), Ink::Good),
            (None, Some(((_, name), []))) => (format!("→ {name}"), Ink::Good),
            (None, Some(((_, name), rest))) => {
                (env.ta("deals-who-more", &[("name", name), ("n", &rest.len())]), Ink::Plain)
            }
            (None, None) if form.who.is_empty() => (env.t("deals-who-hint"), Ink::Dim),
            (None, None) if form.asked.is_some() => (String::new(), Ink::Dim),
            (None, None) => (env.t("deals-who-nobody"), Ink::Warn),
        },
        Line::Title => (String::new(), Ink::Plain),
        Line::Amount => said(form.money(env).map(|money| money.to_string()), "deals-amount-hint", form.amount.text()),
        Line::Close => {
            let full = |day: Option<_>| day.map(|day| when::show_day(day, env.words.lang)).unwrap_or_default();
            said(day(env, form.close.text()).map(full), "deals-close-hint", form.close.text())
        }
        Line::Probability => {
            let full = |p: Option<u8>| p.map(|p| format!("{p} %")).unwrap_or_default();
            said(percent(env, form.probability.text()).map(full), "deals-probability-hint", form.probability.text())
        }
        Line::Owner => {
            let given = |given: Option<(_, LoginName)>| given.map(|(_, name)| format!("→ {name}")).unwrap_or_default();
            said(form.owner(env).map(given), "deals-owner-hint", form.owner.text())
        }
    }
}
