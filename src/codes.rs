//! The words that scripts, files and queries use for the values of an enum.
//!
//! **Invariant:** neither a code nor the order of an enum's values changes once shipped: people's scripts hold the
//! codes and stored records the places. New values go to the end.

/// Gives an enum `ALL`, `code`, `from_code` and the stored byte.
macro_rules! codes {
    ($name:ident: $($variant:ident = $code:literal),+ $(,)?) => {
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that scripts, files and queries use for it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The byte that stands for it in stored records: its place in [`Self::ALL`].
            #[allow(dead_code)]
            pub(crate) fn place(self) -> u8 {
                Self::ALL.iter().position(|v| *v == self).and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
            }

            /// The value that a stored byte stands for.
            #[allow(dead_code)]
            pub(crate) fn from_place(place: u8) -> Option<Self> {
                Self::ALL.get(usize::from(place)).copied()
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
