//! Who a made-up customer is before there is a record of them.
//!
//! **Invariant:** nothing here draws; these are the shapes that the other lists fill.

/// Which given names fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Gender {
    /// Women's.
    #[default]
    Female,
    /// Men's.
    Male,
}

/// A name with its Latin spelling, from which email addresses and chat names are made.
#[derive(Clone, Default)]
pub(super) struct Spoken {
    /// As it is written.
    pub(super) name: String,
    /// The given name in Latin letters.
    pub(super) first: String,
    /// The surname in Latin letters.
    pub(super) last: String,
}

/// Where somebody comes from: whose names, numbers and addresses they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// The Chinese mainland.
    #[default]
    China,
    /// Britain.
    Britain,
    /// The United States.
    America,
    /// France.
    France,
    /// Germany.
    Germany,
    /// Spain.
    Spain,
    /// Arabia and Egypt.
    Arabia,
    /// Russia and Kazakhstan.
    Russia,
    /// Vietnam.
    Vietnam,
    /// Japan.
    Japan,
    /// Korea.
    Korea,
}

impl Origin {
    /// How the rest of the customers are spread, in hundredths of those not from the mainland.
    pub(super) const ELSEWHERE: &'static [(u32, Self)] = &[
        (17, Self::Britain),
        (21, Self::America),
        (11, Self::France),
        (12, Self::Germany),
        (10, Self::Spain),
        (7, Self::Arabia),
        (8, Self::Russia),
        (5, Self::Vietnam),
        (5, Self::Japan),
        (4, Self::Korea),
    ];

    /// The currency that they pay in.
    pub(super) fn currency(self) -> &'static str {
        match self {
            Self::China => "CNY",
            Self::Britain => "GBP",
            Self::America => "USD",
            Self::France | Self::Germany | Self::Spain => "EUR",
            Self::Arabia => "AED",
            Self::Russia => "RUB",
            Self::Vietnam => "VND",
            Self::Japan => "JPY",
            Self::Korea => "KRW",
        }
    }

    /// What one yuan is about, in thousandths of that currency's main unit, and how many minor units that has.
    pub(super) fn rate(self) -> (i64, i64) {
        match self {
            Self::China => (1000, 100),
            Self::Britain => (110, 100),
            Self::America => (140, 100),
            Self::France | Self::Germany | Self::Spain => (125, 100),
            Self::Arabia => (510, 100),
            Self::Russia => (11_500, 100),
            Self::Vietnam => (3_600_000, 1),
            Self::Japan => (21_000, 1),
            Self::Korea => (195_000, 1),
        }
    }
}
