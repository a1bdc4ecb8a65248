//! The values that an administrator can set, with what they are as shipped.

use super::role::RoleName;
use crate::privacy::class::FieldClass;

/// Limits and times. All counts are per person; hours and days slide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Reveals of `contact` fields an hour.
    pub contact_per_hour: u32,
    /// Reveals of `contact` fields a day.
    pub contact_per_day: u32,
    /// Reveals of `sensitive` fields an hour.
    pub sensitive_per_hour: u32,
    /// Reveals of `sensitive` fields a day.
    pub sensitive_per_day: u32,
    /// How many times as many on one's own customers.
    pub own_factor: u32,
    /// Seconds that a `contact` value stays in sight.
    pub contact_seconds: u32,
    /// Seconds that a `sensitive` value stays in sight.
    pub sensitive_seconds: u32,
    /// Seconds in which the same field and case can be asked for again without typing.
    pub again_seconds: u32,
    /// Distinct customers opened an hour.
    pub opens_per_hour: u32,
    /// Rows beyond the first hundred of a query an hour.
    pub rows_per_hour: u32,
    /// Customers changed at once, by marks or by a query.
    pub bulk_most: u32,
    /// Customers exported at once; 0 is nobody.
    pub export_most: u32,
    /// From how many customers on an export raises an alert.
    pub export_alert: u32,
    /// Searches by an identifier an hour.
    pub identifier_searches_per_hour: u32,
    /// Tries at verifying one field of one customer an hour.
    pub verify_tries: u32,
    /// Months after which a value that nobody confirmed counts as stale; 0 is never.
    pub stale_months: u32,
    /// Days without contact or deal after which a customer goes back to the pool; 0 is never.
    pub pool_days: u32,
    /// Days before that from which the owner is warned.
    pub pool_warn_days: u32,
    /// Days for which somebody whose customer came to the pool cannot claim that customer.
    pub pool_rest_days: u32,
    /// Customers whom somebody may claim a day.
    pub pool_claims_per_day: u32,
    /// Seconds without a key after which the screen locks.
    pub idle_lock_seconds: u32,
    /// Seconds after which a session ends, whatever is done in it.
    pub session_limit_seconds: u32,
    /// Of whom a second factor is demanded: 0 nobody, 1 owners and privacy officers, 2 everybody.
    pub second_factor: u32,
    /// Seconds for which a code of the second factor counts as fresh.
    pub fresh_code_seconds: u32,
    /// Whether every reveal needs a ticket: 0 no, 1 yes.
    pub ticket_required: u32,
    /// Whether opening the vault reads all of it: 0 no, 1 yes.
    pub check_at_open: u32,
    /// ISO 3166 code of the country whose phone numbers come without a country code.
    pub default_region: String,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            contact_per_hour: 40,
            contact_per_day: 250,
            sensitive_per_hour: 10,
            sensitive_per_day: 40,
            own_factor: 4,
            contact_seconds: 60,
            sensitive_seconds: 60,
            again_seconds: 30 * 60,
            opens_per_hour: 200,
            rows_per_hour: 2_000,
            bulk_most: 2_000,
            export_most: 1_000,
            export_alert: 200,
            identifier_searches_per_hour: 120,
            verify_tries: 3,
            stale_months: 18,
            pool_days: 0,
            pool_warn_days: 7,
            pool_rest_days: 30,
            pool_claims_per_day: 10,
            idle_lock_seconds: 15 * 60,
            session_limit_seconds: 12 * 3600,
            second_factor: 0,
            fresh_code_seconds: 5 * 60,
            ticket_required: 0,
            check_at_open: 0,
            default_region: "CN".into(),
        }
    }
}

macro_rules! keys {
    ($($key:ident: $least:literal..=$most:literal),+ $(,)?) => {
        impl Policy {
            /// Every numeric value with its key and its bounds, in order.
            pub fn numbers(&self) -> Vec<(&'static str, u32, std::ops::RangeInclusive<u32>)> {
                vec![$((stringify!($key), self.$key, $least..=$most)),+]
            }

            /// Sets a value by key. Errors name the bounds.
            pub fn set(&mut self, key: &str, value: &str) -> Result<(), PolicyFault> {
                match key {
                    $(stringify!($key) => {
                        let number = value.trim().parse().map_err(|_| PolicyFault::NotANumber)?;
                        if !($least..=$most).contains(&number) {
                            return Err(PolicyFault::OutOfBounds { least: $least, most: $most });
                        }
                        self.$key = number;
                        Ok(())
                    })+
                    "default_region" => {
                        let code = value.trim().to_ascii_uppercase();
                        if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
                            return Err(PolicyFault::NotARegion);
                        }
                        self.default_region = code;
                        Ok(())
                    }
                    _ => Err(PolicyFault::UnknownKey),
                }
            }
        }
    };
}

keys!(contact_per_hour: 0..=10_000, contact_per_day: 0..=100_000, sensitive_per_hour: 0..=10_000,
    sensitive_per_day: 0..=100_000, own_factor: 1..=100, contact_seconds: 5..=600, sensitive_seconds: 5..=600,
    again_seconds: 0..=86_400, opens_per_hour: 1..=100_000, rows_per_hour: 0..=1_000_000, bulk_most: 0..=5_000,
    export_most: 0..=10_000, export_alert: 1..=10_000,
    identifier_searches_per_hour: 1..=10_000, verify_tries: 1..=20, stale_months: 0..=240,
    pool_days: 0..=3_650, pool_warn_days: 0..=365, pool_rest_days: 0..=3_650, pool_claims_per_day: 0..=10_000,
    idle_lock_seconds: 30..=43_200,
    session_limit_seconds: 600..=604_800, second_factor: 0..=2, fresh_code_seconds: 30..=3_600, ticket_required: 0..=1, check_at_open: 0..=1);

/// What is wrong with a policy value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// No such key.
    #[error("there is no such policy value")]
    UnknownKey,
    /// Not a whole number.
    #[error("a whole number is needed")]
    NotANumber,
    /// Too small or too large.
    #[error("a number from {least} to {most} is needed")]
    OutOfBounds {
        /// The smallest allowed.
        least: u32,
        /// The largest allowed.
        most: u32,
    },
    /// Not a country code.
    #[error("a country code of two letters is needed, such as CN or GB")]
    NotARegion,
}

impl Policy {
    /// The value of a key as text.
    pub fn value(&self, key: &str) -> Option<String> {
        if key == "default_region" {
            return Some(self.default_region.clone());
        }
        self.numbers().into_iter().find(|(k, ..)| *k == key).map(|(_, value, _)| value.to_string())
    }

    /// Reveals of a class an hour and a day.
    pub fn quota(&self, class: FieldClass) -> (u32, u32) {
        match class {
            FieldClass::Sensitive => (self.sensitive_per_hour, self.sensitive_per_day),
            _ => (self.contact_per_hour, self.contact_per_day),
        }
    }

    /// Whether somebody with this role must have a second factor.
    pub fn demands_factor(&self, role: RoleName) -> bool {
        match self.second_factor {
            0 => false,
            1 => matches!(role, RoleName::Owner | RoleName::PrivacyOfficer),
            _ => true,
        }
    }

    /// Seconds that a revealed value of the class stays in sight.
    pub fn seconds_in_sight(&self, class: FieldClass) -> u32 {
        match class {
            FieldClass::Sensitive => self.sensitive_seconds,
            _ => self.contact_seconds,
        }
    }
}
