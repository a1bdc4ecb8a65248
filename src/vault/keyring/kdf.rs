//! Argon2id (RFC 9106, version 0x13): what makes guessing a passphrase slow.
//!
//! **Invariant:** [`KdfParams`] cannot hold values out of bounds, so nothing out of bounds ever runs; the memory of a
//! run is zeroized before it is freed; one run at a time in the whole process, since each may take up to 1 GiB.

use std::sync::Mutex;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::passphrase::Passphrase;
use crate::domain::staff::LoginName;

/// Many sign-ins at once would otherwise exhaust the machine's memory.
static RUNNING: Mutex<()> = Mutex::new(());

/// How long a calibrated run should take.
const TARGET: Duration = Duration::from_secs(1);

/// Calibration raises passes rather than memory past this, so that a small server can still sign people in.
const CALIBRATED_M_KIB: u32 = 256 * 1024;

/// The cost of one run: passes, memory in KiB, lanes. Always within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfParams {
    t: u32,
    m_kib: u32,
    p: u32,
}

/// Why a run did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KdfError {
    /// The system did not give the memory.
    #[error("not enough memory to check a passphrase: {0} MiB are needed")]
    NoMemory(u32),
    /// The algorithm refused its input, which the bounds exclude.
    #[error("the passphrase function refused its parameters")]
    Refused,
}

impl KdfParams {
    /// The least that a real vault is made with: 3 passes, 64 MiB, 4 lanes (RFC 9106, section 4, second choice).
    pub const FLOOR: Self = Self { t: 3, m_kib: 64 * 1024, p: 4 };

    /// The bounds: at most 10 passes, 1 GiB and 8 lanes, and what Argon2 itself demands (1, 8 KiB a lane, 1).
    pub fn new(t: u32, m_kib: u32, p: u32) -> Option<Self> {
        let bounded = (1..=10).contains(&t) && (1..=8).contains(&p) && m_kib <= 1024 * 1024;
        (bounded && m_kib >= 8 * p).then_some(Self { t, m_kib, p })
    }

    /// So little that a test can sign in a thousand times. Never for a vault that anybody keeps.
    pub fn cheap_for_tests() -> Self {
        Self { t: 1, m_kib: 8, p: 1 }
    }

    /// Parameters, not below [`Self::FLOOR`], with which a run takes about a second on this machine. `time_one` runs
    /// the function once with what it is given (see [`Self::trial`]) and answers how long that took.
    pub fn calibrate(mut time_one: impl FnMut(Self) -> Duration) -> Self {
        let mut chosen = Self::FLOOR;
        let mut taken = time_one(chosen);
        while chosen.m_kib < CALIBRATED_M_KIB && taken * 2 <= TARGET {
            chosen.m_kib *= 2;
            taken = time_one(chosen);
        }
        let pass = taken / chosen.t;
        while chosen.t < 10 && pass * (chosen.t + 1) <= TARGET {
            chosen.t += 1;
        }
        chosen
    }

    /// These, or what `other` has more of.
    pub fn at_least(self, other: Self) -> Self {
        Self { t: self.t.max(other.t), m_kib: self.m_kib.max(other.m_kib), p: self.p.max(other.p) }
    }

    /// Runs the function once on nothing in particular, for calibration.
    pub fn trial(self) -> Result<(), KdfError> {
        run(self, b"calibration", &[0; 32]).map(|_| ())
    }

    /// Passes.
    pub fn t(self) -> u32 {
        self.t
    }

    /// Memory in KiB.
    pub fn m_kib(self) -> u32 {
        self.m_kib
    }

    /// Lanes.
    pub fn p(self) -> u32 {
        self.p
    }
}

/// `SHA-256(vault salt ‖ name, NFC and case-folded)`. Something that cannot be a name gets a salt too, so that it costs
/// what a name costs.
pub(in crate::vault) fn login_salt(vault_salt: &[u8; 32], name: &str) -> [u8; 32] {
    let folded = LoginName::new(name).map(|name| name.folded()).unwrap_or_default();
    Sha256::new().chain_update(vault_salt).chain_update(folded.as_bytes()).finalize().into()
}

/// `Argon2id(NFC(passphrase), salt)`, 32 bytes.
pub(in crate::vault) fn login_key(
    params: KdfParams,
    passphrase: &Passphrase,
    salt: &[u8; 32],
) -> Result<Zeroizing<[u8; 32]>, KdfError> {
    run(params, passphrase.bytes(), salt)
}

/// The blocks of a run. The crate frees blocks of its own as they are, so it is handed these, which are zeroized.
struct Workspace(Vec<Block>);

impl Workspace {
    /// So many blocks, if the system gives the memory.
    fn new(count: usize) -> Option<Self> {
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(count).ok()?;
        blocks.resize(count, Block::new());
        Some(Self(blocks))
    }

    fn wipe(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.wipe();
    }
}

fn run(params: KdfParams, input: &[u8], salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, KdfError> {
    let chosen = Params::new(params.m_kib, params.t, params.p, Some(32)).map_err(|_| KdfError::Refused)?;
    let count = chosen.block_count();
    let _turn = RUNNING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut memory = Workspace::new(count).ok_or(KdfError::NoMemory(params.m_kib / 1024))?;
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, chosen)
        .hash_password_into_with_memory(input, salt, out.as_mut(), memory.0.as_mut_slice())
        .map_err(|_| KdfError::Refused)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{AssociatedData, ParamsBuilder};

    #[test]
    fn argon2id_gives_the_vector_of_rfc_9106() {
        let mut params = ParamsBuilder::new();
        let data = AssociatedData::new(&[4; 12]).expect("short");
        params.m_cost(32).t_cost(3).p_cost(4).data(data).output_len(32);
        let params = params.build().expect("in range");
        let mut memory = vec![Block::new(); params.block_count()];
        let argon = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).expect("short");
        let mut out = [0; 32];
        argon.hash_password_into_with_memory(&[1; 32], &[2; 16], &mut out, &mut memory).expect("runs");
        let expected = [
            0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0, 0x1e,
            0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
        ];
        assert_eq!(out, expected);
    }

    #[test]
    fn parameters_out_of_bounds_cannot_be_made() {
        let tib = 4u64 * 1024 * 1024 * 1024;
        for (t, m, p) in [
            (0, 65536, 4),
            (11, 65536, 4),
            (3, 65536, 0),
            (3, 65536, 9),
            (3, 31, 4),
            (3, 0, 1),
            (3, 1024 * 1024 + 1, 4),
            (3, u32::try_from(tib).unwrap_or(u32::MAX), 4),
            (u32::MAX, u32::MAX, u32::MAX),
        ] {
            assert_eq!(KdfParams::new(t, m, p), None, "{t} {m} {p}");
        }
        assert!(KdfParams::new(10, 1024 * 1024, 8).is_some());
        assert_eq!(KdfParams::new(3, 65536, 4), Some(KdfParams::FLOOR));
    }

    #[test]
    fn calibration_aims_at_a_second_and_never_goes_below_the_floor() {
        let machine = |nanoseconds_a_kib: u64| {
            move |params: KdfParams| {
                Duration::from_nanos(u64::from(params.t()) * u64::from(params.m_kib()) * nanoseconds_a_kib)
            }
        };
        assert_eq!(KdfParams::calibrate(machine(100_000)), KdfParams::FLOOR);
        for speed in [1, 50, 400, 1_000, 3_000] {
            let chosen = KdfParams::calibrate(machine(speed));
            let taken = machine(speed)(chosen);
            assert!(chosen.t() >= 3 && chosen.m_kib() >= 64 * 1024 && taken <= TARGET, "{speed}: {chosen:?}");
            assert!(taken >= TARGET / 2 || chosen.t() == 10, "{speed}: {chosen:?} {taken:?}");
        }
    }

    #[test]
    fn the_memory_of_a_run_is_full_of_it_and_zero_once_wiped_as_a_drop_does() {
        let params = KdfParams::cheap_for_tests();
        let chosen = Params::new(params.m_kib(), params.t(), params.p(), Some(32)).expect("in range");
        let mut memory = Workspace::new(chosen.block_count()).expect("a little memory");
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, chosen);
        argon.hash_password_into_with_memory(b"words", &[0; 32], &mut [0; 32], &mut memory.0).expect("runs");
        let words = |memory: &Workspace| memory.0.iter().flat_map(|b| b.as_ref().to_vec()).collect::<Vec<u64>>();
        let used = words(&memory);
        assert!(used.iter().filter(|word| **word != 0).count() > used.len() / 2);
        memory.wipe();
        assert_eq!(words(&memory), vec![0; used.len()]);
    }

    #[test]
    fn names_that_differ_in_case_or_composition_share_a_salt() {
        let salt = |name| login_salt(&[1; 32], name);
        assert_eq!(salt("Jos\u{e9}"), salt("JOSE\u{301}"));
        assert_ne!(salt("ada"), salt("bob"));
        assert_ne!(salt("ada"), login_salt(&[2; 32], "ada"));
        assert_eq!(salt(""), salt(&"x".repeat(100_000)));
    }
}
