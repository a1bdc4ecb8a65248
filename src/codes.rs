//! The words that scripts, files and queries use for the values of an enum.
//!
//! **Invariant:** a code never changes once it is shipped; stored records and people's scripts hold it.

/// Gives an enum `ALL`, `code` and `from_code`.
macro_rules! codes {
    ($name:ident: $($variant:ident = $code:literal),+ $(,)?) => {
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that scripts, files and queries use for it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The value that a code names; case, spaces and hyphens do not matter.
            pub fn from_code(code: &str) -> Option<Self> {
                let plain = code.trim().to_lowercase().replace([' ', '-'], "_");
                Self::ALL.iter().copied().find(|v| v.code() == plain)
            }
        }
    };
}
pub(crate) use codes;
