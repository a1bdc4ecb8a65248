//! Public keys of staff, with which the SSH listener lets somebody as far as the door, and their fingerprints.
//!
//! **Invariant:** a key names somebody and opens nothing; the passphrase is asked for all the same. What leaves the vault
//! is a list of fingerprints, in which nobody's name stands.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use crate::text::Printable;

/// The kinds of key that are taken, and how long their encoded form is: RFC 8709, RFC 5656, OpenSSH's PROTOCOL.u2f.
const KINDS: [(&str, usize, usize); 5] = [
    ("ssh-ed25519", 51, 51),
    ("ecdsa-sha2-nistp256", 104, 104),
    ("ecdsa-sha2-nistp384", 136, 136),
    ("ecdsa-sha2-nistp521", 172, 172),
    // Ends with the name of the application, mostly "ssh:".
    ("sk-ssh-ed25519@openssh.com", 70, 330),
];
/// How much of a key's comment is kept.
const COMMENT: usize = 64;

/// Why a line is no key that can be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// It does not look like a line of a `.pub` file.
    #[error("this is not a public key: paste the line of the .pub file, \"ssh-ed25519 AAAA… comment\"")]
    NotAKey,
    /// A kind that is not taken.
    #[error("keys of this kind are not taken: make one with \"ssh-keygen -t ed25519\"")]
    Kind,
    /// It is the secret half.
    #[error("this is a private key: keep it to yourself, and paste the line of the .pub file beside it")]
    Private,
}

/// A public key as it is registered for somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffKey {
    kind: &'static str,
    fingerprint: Fingerprint,
    comment: String,
}

/// The comment is mostly an address: `Debug` leaves it out.
impl fmt::Debug for StaffKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StaffKey({} {})", self.kind, self.fingerprint)
    }
}

impl StaffKey {
    /// The key in a line of a `.pub` or `authorized_keys` file that has no options before it.
    pub fn parse(line: &str) -> Result<Self, KeyFault> {
        if line.contains("PRIVATE KEY") {
            return Err(KeyFault::Private);
        }
        let mut words = line.split_whitespace();
        let (Some(kind), Some(body)) = (words.next(), words.next()) else { return Err(KeyFault::NotAKey) };
        let blob = STANDARD.decode(body).map_err(|_| KeyFault::NotAKey)?;
        let said = blob.split_first_chunk::<4>().and_then(|(len, rest)| rest.get(..u32::from_be_bytes(*len) as usize));
        if said != Some(kind.as_bytes()) {
            return Err(KeyFault::NotAKey);
        }
        let (kind, least, most) = *KINDS.iter().find(|(name, ..)| *name == kind).ok_or(KeyFault::Kind)?;
        if !(least..=most).contains(&blob.len()) {
            return Err(KeyFault::NotAKey);
        }
        let comment = Printable::line(&words.collect::<Vec<_>>().join(" ")).into_string();
        Ok(Self { kind, fingerprint: Fingerprint::of(&blob), comment: comment.chars().take(COMMENT).collect() })
    }

    /// A key as it was kept; none where the kind is not known.
    pub fn kept(kind: &str, fingerprint: Fingerprint, comment: String) -> Option<Self> {
        let (kind, ..) = *KINDS.iter().find(|(name, ..)| *name == kind)?;
        Some(Self { kind, fingerprint, comment })
    }

    /// Its kind, as OpenSSH writes it.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// What it is known by.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// What stood behind it.
    pub fn comment(&self) -> &str {
        &self.comment
    }
}

/// SHA-256 of a public key's encoded form (RFC 4253, 6.6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// That of an encoded public key.
    pub fn of(blob: &[u8]) -> Self {
        Self(Sha256::digest(blob).into())
    }

    /// As OpenSSH writes it, `SHA256:` and 43 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD_NO_PAD.decode(text.strip_prefix("SHA256:")?).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA256:{}", STANDARD_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The first line of a list of fingerprints.
const HEAD: &str = "veilbook staff keys 1";

/// The fingerprints of all registered keys, as a file beside the vault has them for the listener: a first line that says
/// what it is, then one fingerprint to a line, then how many there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownKeys(BTreeSet<Fingerprint>);

impl KnownKeys {
    /// Those of a file's text; none where it is not one, or was cut.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next() != Some(HEAD) {
            return None;
        }
        let mut keys = BTreeSet::new();
        loop {
            let line = lines.next()?;
            if let Some(count) = line.strip_prefix("end ") {
                let whole = count.parse() == Ok(keys.len()) && lines.next().is_none();
                return whole.then_some(Self(keys));
            }
            keys.insert(Fingerprint::parse(line)?);
        }
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let lines: String = self.0.iter().map(|key| format!("{key}\n")).collect();
        format!("{HEAD}\n{lines}end {}\n", self.0.len())
    }

    /// Whether this one is among them.
    pub fn has(&self, key: Fingerprint) -> bool {
        self.0.contains(&key)
    }
}

impl FromIterator<Fingerprint> for KnownKeys {
    fn from_iter<I: IntoIterator<Item = Fingerprint>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl somebody@example.com";

    #[test]
    fn a_key_has_the_fingerprint_that_openssh_shows_for_it() {
        let key = StaffKey::parse(LINE).unwrap();
        // The published host key of github.com, and its published fingerprint.
        assert_eq!(key.fingerprint().to_string(), "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
        assert_eq!((key.kind(), key.comment()), ("ssh-ed25519", "somebody@example.com"));
        assert_eq!(Fingerprint::parse(&key.fingerprint().to_string()), Some(key.fingerprint()));
        assert!(!format!("{key:?}").contains("somebody"));
    }

    #[test]
    fn what_is_no_public_key_is_refused_with_the_way_out() {
        let swapped = LINE.replace("ssh-ed25519 ", "ecdsa-sha2-nistp256 ");
        for (line, fault) in [
            ("", KeyFault::NotAKey),
            ("ssh-ed25519", KeyFault::NotAKey),
            ("ssh-ed25519 AAAA", KeyFault::NotAKey),
            (&LINE[..60], KeyFault::NotAKey),
            (&swapped, KeyFault::NotAKey),
            ("command=\"sh\" ssh-ed25519 AAAA", KeyFault::NotAKey),
            ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== me", KeyFault::Kind),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", KeyFault::Private),
        ] {
            assert_eq!(StaffKey::parse(line).unwrap_err(), fault, "{line}");
        }
        let odd = StaffKey::parse(&format!("{LINE} \u{1b}]52;c;x\u{7} \u{202e}")).unwrap();
        assert!(!odd.comment().contains(['\u{1b}', '\u{202e}']));
    }

    #[test]
    fn a_list_that_was_cut_is_no_list() {
        let keys: KnownKeys = [Fingerprint([1; 32]), Fingerprint([2; 32])].into_iter().collect();
        let text = keys.text();
        assert_eq!(KnownKeys::parse(&text), Some(keys.clone()));
        assert!(keys.has(Fingerprint([2; 32])) && !keys.has(Fingerprint([3; 32])));
        for end in 0..text.len() - 1 {
            assert_eq!(KnownKeys::parse(&text[..end]), None, "{end}");
        }
        assert_eq!(KnownKeys::parse(&KnownKeys::default().text()), Some(KnownKeys::default()));
    }
}
