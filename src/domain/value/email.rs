//! Email addresses, sanely and not to the last letter of RFC 5321: no quoted local parts, no address literals.
//!
//! **Invariant:** international domains and local parts stay as they are written (RFC 6531), in lower case.

use super::{Checked, ValueFault, plain};

pub(super) fn check(clean: &str) -> Result<Checked, ValueFault> {
    if clean.len() > 320 {
        return Err(ValueFault::TooLong);
    }
    let text = plain(clean);
    let address = text.trim().trim_start_matches("mailto:").trim_matches(['<', '>']);
    let (local, domain) = address.split_once('@').ok_or(ValueFault::NotAnEmail)?;
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    if local.is_empty() || local.len() > 64 || dots || !local.chars().all(is_local) {
        return Err(ValueFault::NotAnEmail);
    }
    if !is_domain(domain) {
        return Err(ValueFault::NoDomain);
    }
    Ok(Checked { shown: address.to_owned(), normal: address.to_lowercase() })
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c)
}

fn is_domain(domain: &str) -> bool {
    let labels = || domain.split('.');
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let top = labels().next_back().unwrap_or_default();
    domain.len() <= 253
        && labels().count() >= 2
        && labels().all(label)
        && top.chars().count() >= 2
        && top.chars().any(char::is_alphabetic)
}
