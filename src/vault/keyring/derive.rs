//! Every derived key comes from here, so that no two purposes can share one.
//!
//! A label is `"veilbook/1/" name 0x00 vault id …context`; a key is HKDF-SHA256 (RFC 5869) without salt and with the
//! label as info.
//! **Invariant:** the parts of a context have fixed lengths, so that no two contexts of a name give the same label.

use std::sync::Arc;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::clock::Entropy;
use crate::hygiene::Locked;

/// A vault's id: random at creation, the same in every file that the vault ever lies in.
pub type VaultId = [u8; 16];

/// The label of `name` in this vault.
pub fn label(name: &str, vault: &VaultId, context: &[&[u8]]) -> Vec<u8> {
    let mut out = b"veilbook/1/".to_vec();
    out.extend_from_slice(name.as_bytes());
    out.push(0);
    out.extend_from_slice(vault);
    context.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// The 32-byte key for `name` under `key`.
pub fn derive(key: &[u8; 32], name: &str, vault: &VaultId, context: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    expand(key, &label(name, vault, context))
}

/// HKDF-SHA256 without salt, 32 bytes out.
pub(super) fn expand(key: &[u8; 32], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    // 32 bytes are within HKDF-SHA256's limit of 8,160, the only way in which expand can fail.
    let expanded = Hkdf::<Sha256>::new(None, key).expand(info, out.as_mut());
    debug_assert!(expanded.is_ok());
    out
}

/// The vault's master key of one epoch: page keys and MAC keys come from it. Locked in memory and zeroized with
/// its last holder.
pub struct Root(Arc<Locked<Zeroizing<[u8; 32]>>>);

impl Root {
    /// A fresh one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut());
        Self::from_bytes(bytes)
    }

    /// The one that these bytes are.
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(Arc::new(Locked::new(bytes)))
    }

    /// The key for `name` under ROOT; `context` names the file and whatever else the key belongs to.
    pub fn derive(&self, name: &str, vault: &VaultId, context: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        derive(&self.0, name, vault, context)
    }

    /// The same ROOT, for a second holder within the process. It lies in memory once.
    pub fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Root(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    #[test]
    fn hkdf_gives_the_first_and_third_vectors_of_rfc_5869() {
        let mut out = [0; 42];
        let (salt, info) = (hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"));
        Hkdf::<Sha256>::new(Some(&salt), &[0x0b; 22]).expand(&info, &mut out).expect("short");
        let first = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
        assert_eq!(out.to_vec(), hex(first));
        Hkdf::<Sha256>::new(None, &[0x0b; 22]).expand(&[], &mut out).expect("short");
        let third = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
        assert_eq!(out.to_vec(), hex(third));
    }

    #[test]
    fn keys_differ_by_name_vault_and_context() {
        let root = Root::from_bytes(Zeroizing::new([7; 32]));
        let base = root.derive("page", &[1; 16], &[&[1; 16]]);
        assert_ne!(*base, *root.derive("pages", &[1; 16], &[&[1; 16]]));
        assert_ne!(*base, *root.derive("page", &[2; 16], &[&[1; 16]]));
        assert_ne!(*base, *root.derive("page", &[1; 16], &[&[2; 16]]));
        assert_eq!(label("page", &[65; 16], &[b"x"]), b"veilbook/1/page\0AAAAAAAAAAAAAAAAx");
        assert_eq!(format!("{root:?}"), "Root(..)");
    }
}
