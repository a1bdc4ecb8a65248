//! Writing parts one after the other and reading them back, with faults instead of panics.

use minicbor::{Decoder, Encoder};

use crate::clock::Timestamp;
use crate::vault::store::StoreError;

/// A thing that is stored.
pub trait Record: Sized {
    /// The version that is written.
    const VERSION: u8;
    /// What it is called in an error.
    const KIND: &'static str;

    /// Writes its parts.
    fn write(&self, to: &mut Writing);

    /// Reads its parts, as they were written by `version`.
    fn read(from: &mut Reading<'_>, version: u8) -> Result<Self, StoreError>;

    /// The stored form.
    fn to_bytes(&self) -> Vec<u8> {
        let mut writing = Writing(Encoder::new(vec![Self::VERSION]));
        self.write(&mut writing);
        writing.0.into_writer()
    }

    /// Reads the stored form.
    fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        let (version, rest) = bytes.split_first().ok_or_else(|| StoreError::record(Self::KIND))?;
        if *version == 0 || *version > Self::VERSION {
            return Err(StoreError::Damaged(format!("a {} record is of an unknown version", Self::KIND)));
        }
        Self::read(&mut Reading { decoder: Decoder::new(rest), kind: Self::KIND }, *version)
    }
}

/// Takes the parts of a record in.
#[derive(Debug)]
pub struct Writing(Encoder<Vec<u8>>);

/// Writing into memory cannot fail, so the results below carry nothing.
impl Writing {
    /// A whole number.
    pub fn uint(&mut self, value: impl Into<u64>) -> &mut Self {
        let _ = self.0.u64(value.into());
        self
    }

    /// A whole number with a sign.
    pub fn int(&mut self, value: i64) -> &mut Self {
        let _ = self.0.i64(value);
        self
    }

    /// A moment.
    pub fn time(&mut self, value: Timestamp) -> &mut Self {
        self.int(value.0)
    }

    /// Text.
    pub fn text(&mut self, value: &str) -> &mut Self {
        let _ = self.0.str(value);
        self
    }

    /// Bytes.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        let _ = self.0.bytes(value);
        self
    }

    /// A part that may be missing.
    pub fn maybe<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) -> &mut Self {
        match value {
            Some(value) => write(self, value),
            None => {
                let _ = self.0.null();
            }
        }
        self
    }

    /// Several parts of a kind.
    pub fn list<T>(&mut self, values: &[T], mut write: impl FnMut(&mut Self, &T)) -> &mut Self {
        let _ = self.0.array(values.len() as u64);
        values.iter().for_each(|value| write(self, value));
        self
    }
}

/// Gives the parts of a record out.
#[derive(Debug)]
pub struct Reading<'b> {
    decoder: Decoder<'b>,
    kind: &'static str,
}

impl<'b> Reading<'b> {
    /// The error that this record cannot be read.
    pub fn fault(&self) -> StoreError {
        StoreError::record(self.kind)
    }

    /// A whole number.
    pub fn uint(&mut self) -> Result<u64, StoreError> {
        self.decoder.u64().map_err(|_| self.fault())
    }

    /// A whole number that fits a smaller type.
    pub fn small<T: TryFrom<u64>>(&mut self) -> Result<T, StoreError> {
        T::try_from(self.uint()?).map_err(|_| self.fault())
    }

    /// A value of an enum by its stored place.
    pub fn place<T>(&mut self, from: impl Fn(u8) -> Option<T>) -> Result<T, StoreError> {
        let place = self.small()?;
        from(place).ok_or_else(|| self.fault())
    }

    /// A whole number with a sign.
    pub fn int(&mut self) -> Result<i64, StoreError> {
        self.decoder.i64().map_err(|_| self.fault())
    }

    /// A moment.
    pub fn time(&mut self) -> Result<Timestamp, StoreError> {
        self.int().map(Timestamp)
    }

    /// Text.
    pub fn text(&mut self) -> Result<String, StoreError> {
        self.decoder.str().map(str::to_owned).map_err(|_| self.fault())
    }

    /// Bytes.
    pub fn bytes(&mut self) -> Result<&'b [u8], StoreError> {
        self.decoder.bytes().map_err(|_| self.fault())
    }

    /// A part that may be missing.
    pub fn maybe<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        if self.decoder.datatype().map_err(|_| self.fault())? == minicbor::data::Type::Null {
            self.decoder.null().map_err(|_| self.fault())?;
            return Ok(None);
        }
        read(self).map(Some)
    }

    /// Several parts of a kind.
    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T, StoreError>) -> Result<Vec<T>, StoreError> {
        let count = self.decoder.array().map_err(|_| self.fault())?.ok_or_else(|| self.fault())?;
        let mut out = Vec::new();
        for _ in 0..count {
            out.push(read(self)?);
        }
        Ok(out)
    }
}
