//! Arguments to host to exit code.
//!
//! **Invariant:** no rule and no text of the program stands here.

fn main() {}
