//! The mathematics and the formats of the record of actions: leaves, tree, signed checkpoints, export files.
//!
//! Sources: RFC 8949 §4.2.1 (deterministic CBOR), RFC 6962 and RFC 9162 §2.1 (Merkle tree), C2SP signed-note,
//! tlog-checkpoint and tlog-cosignature, RFC 8032 (Ed25519).
//! **Invariant:** nothing here stores, reads the clock or draws randomness; nothing here knows the vault. Every
//! decoder accepts exactly one encoding of each value.

pub mod checkpoint;
pub mod export;
pub mod leaf;
pub mod note;
pub mod side;
pub mod tree;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Standard Base 64 with padding (RFC 4648 §4).
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes that `text` is the one encoding of; loose trailing bits and missing padding are refused.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// As [`from_base64`], for exactly `N` bytes.
fn array_from_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_base64(text)?.try_into().ok()
}
