//! Colours: the terminal's own sixteen, on the terminal's own background.
//!
//! **Invariant:** a theme never says something by colour alone; whatever is coloured has a word or a marker as well,
//! so that `mono` shows the same.

use ratatui::style::{Color, Modifier, Style};

/// The looks that can be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// For dark backgrounds.
    #[default]
    Dark,
    /// For light backgrounds.
    Light,
    /// Strong contrast on any background.
    HighContrast,
    /// No colours.
    Mono,
}

crate::codes::codes!(Theme: Dark = "dark", Light = "light", HighContrast = "high_contrast", Mono = "mono");

/// What a piece of text is, which decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Ordinary.
    Plain,
    /// Less important.
    Dim,
    /// A heading or what matters most.
    Strong,
    /// The name of a key.
    Key,
    /// The row or field that the cursor is on.
    Cursor,
    /// The same where another part has the keys.
    CursorAway,
    /// A tab or choice that is on.
    Chosen,
    /// A masked value.
    Masked,
    /// A value that was let out.
    Revealed,
    /// It went well.
    Good,
    /// Take care.
    Warn,
    /// It went wrong.
    Bad,
    /// Borders.
    Line,
    /// A field that text goes into.
    Field,
}

impl Theme {
    /// How text of this kind looks.
    pub fn style(self, ink: Ink) -> Style {
        let plain = Style::new();
        match (self, ink) {
            (_, Ink::Plain) => plain,
            (_, Ink::Strong) => plain.add_modifier(Modifier::BOLD),
            (Self::HighContrast | Self::Mono, Ink::Dim | Ink::Masked | Ink::Line) => plain,
            (_, Ink::Dim) => plain.add_modifier(Modifier::DIM),
            (Self::Mono, Ink::Cursor) => plain.add_modifier(Modifier::REVERSED),
            // A row under the cursor is one bar: colours of its parts would show as patches in it.
            (_, Ink::Cursor) => plain.fg(Color::Reset).remove_modifier(Modifier::DIM).add_modifier(Modifier::REVERSED),
            (_, Ink::CursorAway) => plain.add_modifier(Modifier::UNDERLINED),
            (_, Ink::Field) => plain.add_modifier(Modifier::UNDERLINED),
            (_, Ink::Chosen) => plain.add_modifier(Modifier::BOLD.union(Modifier::REVERSED)),
            (Self::Mono, Ink::Revealed) => plain.add_modifier(Modifier::BOLD),
            (Self::Mono, Ink::Key | Ink::Good | Ink::Warn | Ink::Bad) => plain.add_modifier(Modifier::BOLD),
            (Self::HighContrast, Ink::Key | Ink::Good | Ink::Warn | Ink::Bad | Ink::Revealed) => {
                plain.add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED))
            }
            (Self::Dark, Ink::Masked) => plain.fg(Color::Gray),
            (Self::Light, Ink::Masked) => plain.fg(Color::DarkGray),
            (Self::Dark | Self::Light, Ink::Line) => plain.add_modifier(Modifier::DIM),
            (Self::Dark, Ink::Key) => plain.fg(Color::LightCyan),
            (Self::Light, Ink::Key) => plain.fg(Color::Blue),
            (Self::Dark, Ink::Revealed) => plain.fg(Color::LightYellow).add_modifier(Modifier::BOLD),
            (Self::Light, Ink::Revealed) => plain.fg(Color::Magenta).add_modifier(Modifier::BOLD),
            (Self::Dark, Ink::Good) => plain.fg(Color::LightGreen),
            (Self::Light, Ink::Good) => plain.fg(Color::Green),
            (Self::Dark, Ink::Warn) => plain.fg(Color::LightYellow),
            (Self::Light, Ink::Warn) => plain.fg(Color::Magenta),
            (Self::Dark, Ink::Bad) => plain.fg(Color::LightRed),
            (Self::Light, Ink::Bad) => plain.fg(Color::Red),
        }
    }

    /// The next one.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|t| *t == self).unwrap_or(0);
        Self::ALL.get(at + 1).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_theme_paints_a_background_and_mono_paints_nothing() {
        use Ink::*;
        for theme in Theme::ALL {
            for ink in
                [Plain, Dim, Strong, Key, Cursor, CursorAway, Chosen, Masked, Revealed, Good, Warn, Bad, Line, Field]
            {
                let style = theme.style(ink);
                assert_eq!(style.bg, None, "{theme:?} {ink:?}");
                assert!(*theme != Theme::Mono || style.fg.is_none(), "{ink:?}");
            }
        }
    }
}
