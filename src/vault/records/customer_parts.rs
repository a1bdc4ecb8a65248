//! The blind token as it stands in a customer record.

use super::codec::{Reading, Writing};
use crate::privacy::seal::{Token, TokenKind};
use crate::vault::store::StoreError;

/// A token with what it was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// What of the value.
    pub kind: TokenKind,
    /// The keyed fingerprint.
    pub token: Token,
}

impl StoredToken {
    pub(super) fn write(self, to: &mut Writing) {
        to.uint(self.kind.place()).bytes(&self.token.0);
    }

    pub(super) fn read(from: &mut Reading<'_>) -> Result<Self, StoreError> {
        let kind = from.place(TokenKind::from_place)?;
        let token = from.bytes()?.first_chunk().copied().ok_or_else(|| from.fault())?;
        Ok(Self { kind, token: Token(token) })
    }
}
