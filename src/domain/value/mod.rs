//! Checking and normalising values by the kind of their field.

/// What is wrong with a value. Holds nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueFault {
    /// Nothing printable.
    #[error("nothing printable was given")]
    Empty,
}
