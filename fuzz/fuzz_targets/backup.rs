//! See `backup` in the library beside this.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilbook_fuzz::run("backup", data));
