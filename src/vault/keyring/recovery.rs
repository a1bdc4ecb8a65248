//! The recovery key: 256 random bits, written as 24 words (BIP 39, English list), or split into shares of which some
//! are enough (Shamir, over GF(256)).
//!
//! A share is 60 Crockford base-32 digits in groups of five: `set 16 bits ‖ threshold 4 ‖ number 4 ‖ share 256 ‖ checksum
//! 20`, the checksum being the first 20 bits of SHA-256("veilbook/1/recovery-share" 0x00 ‖ what stands before it).
//! Everything that the key opens is derived from it by HKDF-SHA256 (RFC 5869); since it is random, no slow function is
//! needed.
//! **Invariant:** nothing here stores a key; what prints it redacts; a set of shares gives a key only where all are of
//! one set and enough of them are there.

use bip39::Mnemonic;
use blahaj::{Share, Sharks};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::derive::{VaultId, derive};
use super::slot::LoginKeys;
use super::user::UserKeys;
use crate::clock::Entropy;

/// How many words a key has.
pub const WORDS: usize = 24;
/// The most shares of one set.
pub const MOST_SHARES: u8 = 15;

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP: usize = 5;
/// Digits before the checksum: 35 bytes.
const BODY: usize = 56;
const CHECK: usize = 4;
const HEAD: usize = 3;

/// A recovery key. Zeroized on drop.
pub struct RecoveryKey(Zeroizing<[u8; 32]>);

/// One share of a recovery key. Zeroized on drop.
pub struct RecoveryShare {
    set: u16,
    threshold: u8,
    number: u8,
    bytes: Zeroizing<[u8; 32]>,
}

/// Why what somebody typed gives no recovery key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryFault {
    /// Nothing of the shape of words or shares.
    #[error("this is neither 24 recovery words nor a share")]
    Shape,
    /// One of the words is not on the list.
    #[error("word {0} is none of the recovery words")]
    UnknownWord(usize),
    /// All words are on the list and do not belong together.
    #[error("one of the words is another one, or two have changed places")]
    WordsChecksum,
    /// A share was copied wrongly.
    #[error("share {0}, as typed, has a wrong digit")]
    ShareChecksum(usize),
    /// Shares that were not made together.
    #[error("the shares are of different sets: only shares made together fit")]
    MixedSets,
    /// Not enough of them.
    #[error("{have} of the {need} shares that are needed are there")]
    TooFew {
        /// Different ones that are there.
        have: u8,
        /// How many are needed.
        need: u8,
    },
}

/// Why a key cannot be split so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is split into 2 to {MOST_SHARES} shares, of which 2 or more are needed")]
pub struct SplitFault;

impl RecoveryKey {
    /// A fresh one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut());
        Self(bytes)
    }

    /// The 24 words, with a space between.
    pub fn words(&self) -> Zeroizing<String> {
        // 256 bits are one of the lengths that BIP 39 knows, so this does not fail.
        let Ok(words) = Mnemonic::from_entropy(self.0.as_ref()) else { return Zeroizing::default() };
        let mut out = Zeroizing::new(String::with_capacity(WORDS * 9));
        for word in words.words() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
        out
    }

    /// The key that somebody typed: 24 words, or shares one after the other, with anything but letters and digits
    /// between them.
    pub fn parse(typed: &str) -> Result<Self, RecoveryFault> {
        let words: Vec<&str> = typed.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        // Words are of letters alone, and so long a run of digits without one among them is next to impossible.
        if words.len() == WORDS && words.iter().all(|word| word.bytes().all(|b| b.is_ascii_alphabetic())) {
            return Self::from_words(&words);
        }
        let shares = RecoveryShare::parse_all(typed)?;
        Self::combine(&shares)
    }

    fn from_words(words: &[&str]) -> Result<Self, RecoveryFault> {
        let mut joined = Zeroizing::new(String::with_capacity(WORDS * 10));
        for word in words {
            joined.push_str(word);
            joined.push(' ');
        }
        joined.make_ascii_lowercase();
        let parsed = Mnemonic::parse_in_normalized(bip39::Language::English, &joined).map_err(|error| match error {
            bip39::Error::UnknownWord(at) => RecoveryFault::UnknownWord(at + 1),
            bip39::Error::InvalidChecksum => RecoveryFault::WordsChecksum,
            _ => RecoveryFault::Shape,
        })?;
        let (bytes, _) = parsed.to_entropy_array();
        let bytes = Zeroizing::new(bytes);
        let key = bytes.first_chunk::<32>().ok_or(RecoveryFault::Shape)?;
        Ok(Self(Zeroizing::new(*key)))
    }

    /// Makes `count` shares, any `threshold` of which give the key.
    pub fn split(&self, threshold: u8, count: u8, entropy: &dyn Entropy) -> Result<Vec<RecoveryShare>, SplitFault> {
        if threshold < 2 || threshold > count || count > MOST_SHARES {
            return Err(SplitFault);
        }
        let set = u16::from_be_bytes(entropy.bytes());
        let seed = Zeroizing::new(entropy.bytes());
        let mut dice = ChaCha20Rng::from_seed(*seed);
        let dealt = Sharks(threshold).dealer_rng(self.0.as_ref(), &mut dice).take(usize::from(count));
        dealt
            .map(|share| {
                let bytes = Zeroizing::new(Vec::from(&share));
                let (number, bytes) = bytes.split_first_chunk::<1>().ok_or(SplitFault)?;
                let bytes = Zeroizing::new(*bytes.first_chunk::<32>().ok_or(SplitFault)?);
                Ok(RecoveryShare { set, threshold, number: number[0], bytes })
            })
            .collect()
    }

    /// The key that these shares give.
    pub fn combine(shares: &[RecoveryShare]) -> Result<Self, RecoveryFault> {
        let first = shares.first().ok_or(RecoveryFault::Shape)?;
        if shares.iter().any(|s| (s.set, s.threshold) != (first.set, first.threshold)) {
            return Err(RecoveryFault::MixedSets);
        }
        let mut different: Vec<&RecoveryShare> = Vec::new();
        for share in shares {
            match different.iter().find(|s| s.number == share.number) {
                None => different.push(share),
                // Two shares of one number that are not the same are of two sets that share an id by chance.
                Some(same) if !bool::from(same.bytes.ct_eq(share.bytes.as_ref())) => {
                    return Err(RecoveryFault::MixedSets);
                }
                Some(_) => {}
            }
        }
        let have = u8::try_from(different.len()).unwrap_or(u8::MAX);
        if have < first.threshold {
            return Err(RecoveryFault::TooFew { have, need: first.threshold });
        }
        let mut points = Vec::new();
        for share in different {
            let mut bytes = Zeroizing::new(Vec::with_capacity(33));
            bytes.push(share.number);
            bytes.extend_from_slice(share.bytes.as_ref());
            points.push(Share::try_from(bytes.as_slice()).map_err(|_| RecoveryFault::Shape)?);
        }
        let secret = Sharks(first.threshold).recover(&points).map_err(|_| RecoveryFault::Shape)?;
        let secret = Zeroizing::new(secret);
        Ok(Self(Zeroizing::new(*secret.first_chunk().ok_or(RecoveryFault::Shape)?)))
    }

    /// What opens the key's slot.
    pub(in crate::vault) fn login(&self, vault: &VaultId) -> LoginKeys {
        LoginKeys::new(&derive(&self.0, "recovery-login", vault, &[]), vault)
    }

    /// The secret of the key's own keys, which its slot repeats.
    pub(in crate::vault) fn secret(&self, vault: &VaultId) -> Zeroizing<[u8; 32]> {
        derive(&self.0, "recovery-secret", vault, &[])
    }

    /// The key's own keys in this vault: what backups are sealed to, and what class keys are granted to. The words alone
    /// give them, without the vault's file.
    pub fn user(&self, vault: &VaultId) -> UserKeys {
        UserKeys::from_secret(&self.secret(vault), vault)
    }
}

impl std::fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryKey(..)")
    }
}

impl RecoveryShare {
    /// Its number, from 1.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// How many of its set give the key.
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// Which set it is of, as four digits: shares with another do not fit.
    pub fn set(&self) -> String {
        format!("{:04X}", self.set)
    }

    /// The share as it is printed: twelve groups of five digits.
    pub fn text(&self) -> Zeroizing<String> {
        let mut body = Zeroizing::new(Vec::with_capacity(HEAD + 32));
        body.extend_from_slice(&self.set.to_be_bytes());
        body.push(self.threshold << 4 | self.number);
        body.extend_from_slice(self.bytes.as_ref());
        let check = checksum(&body);
        let mut out = Zeroizing::new(String::with_capacity(BODY + CHECK + (BODY + CHECK) / GROUP));
        for (at, digit) in digits(&body).iter().chain(&check).enumerate() {
            if at > 0 && at % GROUP == 0 {
                out.push('-');
            }
            out.push(char::from(DIGITS.get(usize::from(*digit)).copied().unwrap_or(b'0')));
        }
        out
    }

    /// The shares that stand in a text one after the other; what is no letter or digit counts as nothing.
    pub fn parse_all(typed: &str) -> Result<Vec<Self>, RecoveryFault> {
        let mut values = Zeroizing::new(Vec::with_capacity(typed.len()));
        for c in typed.chars().filter(|c| c.is_alphanumeric()) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let place = u8::try_from(c).ok().and_then(|byte| DIGITS.iter().position(|digit| *digit == byte));
            values.push(place.and_then(|at| u8::try_from(at).ok()).ok_or(RecoveryFault::Shape)?);
        }
        if values.is_empty() || !values.len().is_multiple_of(BODY + CHECK) {
            return Err(RecoveryFault::Shape);
        }
        values.chunks(BODY + CHECK).zip(1..).map(|(digits, nth)| Self::read(digits, nth)).collect()
    }

    fn read(values: &[u8], nth: usize) -> Result<Self, RecoveryFault> {
        let (body, check) = values.split_at_checked(BODY).ok_or(RecoveryFault::Shape)?;
        let body = bytes(body);
        if checksum(&body) != check {
            return Err(RecoveryFault::ShareChecksum(nth));
        }
        let (head, rest) = body.split_first_chunk::<HEAD>().ok_or(RecoveryFault::Shape)?;
        let [high, low, counts] = *head;
        let (threshold, number) = (counts >> 4, counts & 15);
        if threshold < 2 || number == 0 {
            return Err(RecoveryFault::Shape);
        }
        let bytes = Zeroizing::new(*rest.first_chunk().ok_or(RecoveryFault::Shape)?);
        Ok(Self { set: u16::from_be_bytes([high, low]), threshold, number, bytes })
    }
}

/// Says which share of which set it is, not what it holds.
impl std::fmt::Debug for RecoveryShare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecoveryShare({} of set {}, {} are needed)", self.number, self.set(), self.threshold)
    }
}

fn checksum(body: &[u8]) -> [u8; CHECK] {
    let hash = Sha256::new().chain_update(b"veilbook/1/recovery-share\0").chain_update(body).finalize();
    let mut out = [0; CHECK];
    out.iter_mut().zip(digits(&hash).iter()).for_each(|(to, from)| *to = *from);
    out
}

/// Bytes as values of five bits, the highest first; their number of bits is a multiple of five, or the rest is left out.
fn digits(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() * 8 / 5));
    let (mut held, mut bits) = (0_u16, 0_u32);
    for byte in bytes {
        held = held << 8 | u16::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push((held >> bits & 31) as u8);
        }
    }
    out
}

/// The bytes that values of five bits stand for.
fn bytes(values: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(values.len() * 5 / 8));
    let (mut held, mut bits) = (0_u16, 0_u32);
    for value in values {
        held = held << 5 | u16::from(*value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 255) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    fn key(seed: u64) -> RecoveryKey {
        RecoveryKey::generate(&SeededEntropy::new(seed))
    }

    fn texts(shares: &[RecoveryShare]) -> Vec<String> {
        shares.iter().map(|share| share.text().to_string()).collect()
    }

    #[test]
    fn words_are_those_of_bip_39_and_read_back_however_they_are_typed() {
        let zero = RecoveryKey(Zeroizing::new([0; 32]));
        assert_eq!(zero.words().as_str(), format!("{}art", "abandon ".repeat(23)));
        let key = key(1);
        let words = key.words();
        assert_eq!(words.split(' ').count(), WORDS);
        for typed in [words.to_string(), words.to_uppercase(), words.replace(' ', "\n"), words.replace(' ', ", ")] {
            assert_eq!(*RecoveryKey::parse(&typed).expect("reads").0, *key.0);
        }
        assert_eq!(format!("{key:?}"), "RecoveryKey(..)");
    }

    #[test]
    fn a_wrong_word_is_named_and_exchanged_ones_are_noticed() {
        let words = key(2).words();
        let mut list: Vec<&str> = words.split(' ').collect();
        list[6] = "customer";
        assert_eq!(RecoveryKey::parse(&list.join(" ")).err(), Some(RecoveryFault::UnknownWord(7)));
        list[6] = "zoo";
        assert_eq!(RecoveryKey::parse(&list.join(" ")).err(), Some(RecoveryFault::WordsChecksum));
        for typed in ["", "abandon", &"abandon ".repeat(25), "\0", &"x".repeat(100_000)] {
            assert_eq!(RecoveryKey::parse(typed).err(), Some(RecoveryFault::Shape), "{} bytes", typed.len());
        }
    }

    #[test]
    fn any_threshold_of_shares_gives_the_key_and_fewer_or_the_same_twice_do_not() {
        let key = key(3);
        let shares = key.split(3, 5, &SeededEntropy::new(4)).expect("splits");
        let printed = texts(&shares);
        assert!(printed.iter().all(|text| text.len() == 71), "{printed:?}");
        for picked in [[0, 1, 2], [4, 2, 0], [1, 3, 4]] {
            let typed = picked.map(|at| printed[at].to_lowercase()).join(" ");
            assert_eq!(*RecoveryKey::parse(&typed).expect("enough").0, *key.0);
        }
        assert_eq!(*RecoveryKey::parse(&printed.join("\n")).expect("all").0, *key.0);
        let too_few = Some(RecoveryFault::TooFew { have: 2, need: 3 });
        assert_eq!(RecoveryKey::parse(&[&printed[0], &printed[1]].map(String::as_str).join(" ")).err(), too_few);
        let twice = [&printed[0], &printed[1], &printed[0]].map(String::as_str).join(" ");
        assert_eq!(RecoveryKey::parse(&twice).err(), too_few);
    }

    #[test]
    fn shares_of_mixed_sets_and_shares_with_a_wrong_digit_are_refused() {
        let key = key(5);
        let one = texts(&key.split(2, 3, &SeededEntropy::new(6)).expect("splits"));
        let other = texts(&key.split(2, 3, &SeededEntropy::new(7)).expect("splits"));
        let mixed = format!("{} {}", one[0], other[1]);
        assert_eq!(RecoveryKey::parse(&mixed).err(), Some(RecoveryFault::MixedSets));
        for at in (0..71).filter(|at| at % 6 != 5) {
            let mut wrong = one[1].clone();
            let digit = if &wrong[at..=at] == "7" { "8" } else { "7" };
            wrong.replace_range(at..=at, digit);
            let refused = RecoveryKey::parse(&format!("{} {wrong}", one[0])).err();
            assert_eq!(refused, Some(RecoveryFault::ShareChecksum(2)), "digit {at}");
        }
        assert_eq!(RecoveryKey::parse(&one[0][..66]).err(), Some(RecoveryFault::Shape));
    }

    #[test]
    fn a_split_has_bounds() {
        for (threshold, count) in [(0, 3), (1, 3), (4, 3), (2, 16), (2, 255)] {
            assert_eq!(key(1).split(threshold, count, &SeededEntropy::new(1)).err(), Some(SplitFault));
        }
        assert_eq!(key(1).split(15, 15, &SeededEntropy::new(1)).expect("splits").len(), 15);
    }

    #[test]
    fn the_words_alone_give_the_keys_of_the_vault() {
        let words = key(8).words();
        let again = RecoveryKey::parse(&words).expect("reads");
        assert_eq!(again.user(&[1; 16]).kem_public(), key(8).user(&[1; 16]).kem_public());
        assert_ne!(again.user(&[1; 16]).kem_public(), key(8).user(&[2; 16]).kem_public());
    }
}
