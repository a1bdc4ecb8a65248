//! Arguments to host to exit code.

fn main() {}
