//! A short text as a picture that a phone's camera reads (QR code, ISO/IEC 18004), in half blocks: two rows a line.
//!
//! **Invariant:** the picture holds the text and nothing else; it is zeroized with its lines.

use qrcodegen::{QrCode, QrCodeEcc};
use zeroize::Zeroizing;

/// Light modules round the picture. Four are the standard's; two are what cameras need, and what fits 24 rows.
const QUIET: i32 = 2;

/// The lines of the picture, dark on light: a full block is light. Nothing where the text is too long for any.
pub fn picture(text: &str) -> Vec<Zeroizing<String>> {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Low) else { return Vec::new() };
    let edge = code.size() + QUIET;
    let light = |x: i32, y: i32| y < edge && !code.get_module(x, y);
    let line = |y: i32| {
        let cells = (-QUIET..edge).map(|x| match (light(x, y), light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        Zeroizing::new(cells.collect::<String>())
    };
    (-QUIET..edge).step_by(2).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_second_factor_fits_a_small_terminal() {
        let longest = format!("otpauth://totp/veilbook:{}?secret={}", "x".repeat(36), "A".repeat(32));
        let lines = picture(&longest);
        assert_eq!(lines.len(), 21);
        assert!(lines.iter().all(|line| line.chars().count() == 41));
        assert!(lines.first().is_some_and(|line| line.chars().all(|c| c == '█')));
    }

    #[test]
    fn what_is_too_long_gives_no_picture() {
        assert!(picture(&"x".repeat(5_000)).is_empty());
    }
}
