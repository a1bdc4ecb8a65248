//! The rows that every peer holds: made-up customers, drawn from a seed.
//!
//! **Invariant:** a row is a function of its number alone, so every peer holds the same ones.

/// One customer, about as large as a stored one with three sealed fields.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: u64,
    pub name: String,
    pub owner: u32,
    pub stage: u32,
    pub company: String,
    pub note: String,
    /// What stands for sealed fields: bytes that do not compress.
    pub sealed: Vec<u8>,
}

/// How many owners share the customers.
pub const OWNERS: u64 = 50;

/// A step of SplitMix64 (Steele, Lea, Flood 2014), which mixes a number well enough for made-up rows.
pub fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A name as a list would be ordered by it.
pub fn name(number: u64) -> String {
    const SYLLABLES: [&str; 16] = [
        "chen", "wang", "li", "zhang", "mei", "hua", "jun", "ning", "bao", "fang", "guo", "lan", "ping", "qing",
        "shan", "yu",
    ];
    let mut bits = mixed(number);
    let mut out = String::new();
    for _ in 0..4 {
        out.push_str(SYLLABLES[(bits % 16) as usize]);
        out.push(' ');
        bits /= 16;
    }
    out.push_str(&format!("{:05}", bits % 100_000));
    out
}

impl Row {
    /// The customer with this number, from 1.
    pub fn new(id: u64) -> Self {
        let bits = mixed(id ^ 0xC0FF_EE00);
        let sealed = (0..40).flat_map(|part| mixed(id * 64 + part).to_le_bytes()).collect();
        Self {
            id,
            name: name(id),
            owner: (bits % OWNERS) as u32 + 1,
            stage: (bits / OWNERS % 6) as u32,
            company: format!("tea house {:05} of the morning dew", bits % 5_000),
            note: format!("asked for {} pots, prefers to be called in the afternoon, known since the fair", bits % 90),
            sealed,
        }
    }

    /// The row as one value.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(&self.owner.to_be_bytes());
        out.extend_from_slice(&self.stage.to_be_bytes());
        for part in [self.name.as_bytes(), self.company.as_bytes(), self.note.as_bytes(), &self.sealed] {
            out.extend_from_slice(&(part.len() as u16).to_be_bytes());
            out.extend_from_slice(part);
        }
        out
    }

    /// The row back from its value.
    pub fn from_bytes(id: u64, bytes: &[u8]) -> Self {
        let (head, mut rest) = bytes.split_at(8);
        let mut part = || {
            let (len, behind) = rest.split_at(2);
            let (part, behind) = behind.split_at(u16::from_be_bytes([len[0], len[1]]) as usize);
            rest = behind;
            part.to_vec()
        };
        let mut text = || String::from_utf8(part()).unwrap();
        let (name, company, note) = (text(), text(), text());
        Self {
            id,
            owner: u32::from_be_bytes(head[..4].try_into().unwrap()),
            stage: u32::from_be_bytes(head[4..8].try_into().unwrap()),
            name,
            company,
            note,
            sealed: part(),
        }
    }

    /// What a list shows beside the name, as the value of a covering index.
    pub fn shown(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        out.extend_from_slice(&self.owner.to_be_bytes());
        out.extend_from_slice(&self.stage.to_be_bytes());
        out.extend_from_slice(self.company.as_bytes());
        out
    }

    /// A figure that depends on all that was read, so that no reading is left out.
    pub fn weight(&self) -> u64 {
        let lengths = self.name.len() + self.company.len() + self.note.len() + self.sealed.len();
        lengths as u64 + u64::from(self.owner) + u64::from(self.stage)
    }
}
