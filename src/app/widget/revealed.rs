//! The one place that holds a value that was let out, and shows it while its time lasts.
//!
//! **Invariant:** nothing else in the program keeps a [`Revealed`] or copies its text; hiding drops and zeroizes it.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::canvas::Canvas;
use crate::clock::Timestamp;
use crate::domain::field::FieldKey;
use crate::privacy::reveal::Revealed;

/// A field's value in sight, or none.
#[derive(Debug, Default)]
pub struct RevealedField {
    held: Option<(FieldKey, Revealed)>,
}

impl RevealedField {
    /// Shows a value instead of whatever was in sight.
    pub fn show(&mut self, field: FieldKey, value: Revealed) {
        self.held = Some((field, value));
    }

    /// Takes the value out of sight. Answers the field that was in sight.
    pub fn hide(&mut self) -> Option<FieldKey> {
        self.held.take().map(|(field, _)| field)
    }

    /// Drops the value if its time is over.
    pub fn expire(&mut self, now: Timestamp) {
        if self.held.as_ref().is_some_and(|(_, value)| value.show(now).is_none()) {
            self.held = None;
        }
    }

    /// Whether this field is in sight.
    pub fn shows(&self, field: &FieldKey, now: Timestamp) -> bool {
        self.held.as_ref().is_some_and(|(held, value)| held == field && value.show(now).is_some())
    }

    /// Whether any field is in sight.
    pub fn is_on(&self) -> bool {
        self.held.is_some()
    }

    /// Seconds left, rounded up.
    pub fn seconds_left(&self, now: Timestamp) -> i64 {
        self.held.as_ref().map_or(0, |(_, value)| (value.until.since(now).max(0) + 999) / 1000)
    }

    /// Draws the value into the first row of `area`. Answers the column behind it.
    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, style: Style, now: Timestamp) -> u16 {
        match self.held.as_ref().and_then(|(_, value)| value.show(now)) {
            Some(text) => canvas.text(area, 0, 0, text, style),
            None => 0,
        }
    }
}
