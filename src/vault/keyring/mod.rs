//! The keys: from a passphrase to a person's own keys, from those to the vault's ROOT and to the class keys.
//!
//! ```text
//! name, passphrase ──Argon2id──▶ login key ──▶ opens the personal part of a slot ──▶ user secret
//! user secret ──HKDF──▶ kem (X25519) · cosign (Ed25519) · wrap
//! kem ──▶ opens the root part of the slot (ROOT) and the grants (class and blind keys)
//! ```
//!
//! **Invariant:** no key, secret or passphrase is printed, compared with `==`, cloned by accident or left in memory
//! after use: each lives in a type of its own that redacts its `Debug` and is zeroized on drop.

mod classes;
mod common;
mod derive;
mod grant;
mod kdf;
mod passphrase;
mod recovery;
mod sealing;
mod setup_code;
pub(in crate::vault) mod slot;
mod totp;
mod user;

pub use classes::{ClassKeys, KeyName, ValueKey};
pub use derive::{Root, VaultId, derive, label};
pub use grant::{Grant, GrantError, HeldKey, KeyToGrant};
pub use kdf::{KdfError, KdfParams};
pub(in crate::vault) use kdf::{login_key, login_salt};
pub use passphrase::{Passphrase, PassphraseFault};
pub use recovery::{MOST_SHARES, RecoveryFault, RecoveryKey, RecoveryShare, SplitFault, WORDS};
pub use sealing::{SealingError, seal_to};
pub(in crate::vault) use sealing::{open, seal};
pub use setup_code::SetupCode;
pub use totp::{CodeFault, FactorCode, TotpSecret};
pub use user::{NotSigned, UserKeys, verify};
