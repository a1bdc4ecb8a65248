//! The measurements of speed and size.
#![allow(clippy::print_stdout)]

fn main() {}
