//! How many may be connected at once: in all, from one address, and before anybody knows who they are.
//!
//! **Invariant:** whoever leaves is counted out, on every way out; what is kept of an address goes with its last
//! connection.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections in all.
    pub all: usize,
    /// Connections from one address; a whole office may come from one.
    pub each: usize,
    /// Connections in all that have not authenticated.
    pub strangers: usize,
    /// The same from one address.
    pub strangers_each: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { all: 1_100, each: 300, strangers: 64, strangers_each: 16 }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    all: usize,
    strangers: usize,
}

#[derive(Debug, Default)]
struct Counts {
    sum: Count,
    each: HashMap<IpAddr, Count>,
}

/// Everybody who is connected.
#[derive(Debug)]
pub(super) struct Crowd {
    limits: Limits,
    counts: Mutex<Counts>,
}

impl Crowd {
    /// Nobody yet.
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, counts: Mutex::default() })
    }

    /// A place for somebody from this address, if there is one.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = network(address);
        let (mut counts, limits) = (self.counts(), &self.limits);
        let here = counts.each.get(&address).copied().unwrap_or_default();
        let full = counts.sum.all >= limits.all
            || counts.sum.strangers >= limits.strangers
            || here.all >= limits.each
            || here.strangers >= limits.strangers_each;
        if full {
            return None;
        }
        counts.sum = Count { all: counts.sum.all + 1, strangers: counts.sum.strangers + 1 };
        counts.each.insert(address, Count { all: here.all + 1, strangers: here.strangers + 1 });
        drop(counts);
        Some(Place { crowd: Arc::clone(self), address, standing: Standing::Stranger })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever has an IPv6 line has a /64 of addresses at the least, so that counts as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX))),
        four => four,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Stranger,
    Known,
}

/// One connection's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    address: IpAddr,
    standing: Standing,
}

impl Place {
    /// This one has authenticated.
    pub fn known(&mut self) {
        if self.standing == Standing::Stranger {
            self.standing = Standing::Known;
            self.less(|count| count.strangers = count.strangers.saturating_sub(1));
        }
    }

    fn less(&self, by: impl Fn(&mut Count)) {
        let mut counts = self.crowd.counts();
        by(&mut counts.sum);
        if let Some(here) = counts.each.get_mut(&self.address) {
            by(here);
            if here.all == 0 {
                counts.each.remove(&self.address);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.known();
        self.less(|count| count.all = count.all.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { all: 5, each: 3, strangers: 4, strangers_each: 2 };

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_limit_holds_by_itself() {
        let crowd = Crowd::new(LIMITS);
        let (here, there) = (address("10.0.0.1"), address("10.0.0.2"));
        let mut places = vec![crowd.enter(here).unwrap(), crowd.enter(here).unwrap()];
        assert!(crowd.enter(here).is_none(), "two strangers from one address");
        places.iter_mut().for_each(Place::known);
        places.push(crowd.enter(here).unwrap());
        places[2].known();
        assert!(crowd.enter(here).is_none(), "three from one address");
        places.push(crowd.enter(there).unwrap());
        places.push(crowd.enter(there).unwrap());
        assert!(crowd.enter(address("10.0.0.3")).is_none(), "five in all");
        places.clear();
        assert!(crowd.counts().each.is_empty());
        let strangers: Vec<_> = (1..=5).map(|n| crowd.enter(address(&format!("10.0.0.{n}")))).collect();
        assert_eq!(strangers.iter().flatten().count(), 4, "four strangers in all");
    }

    #[test]
    fn addresses_of_one_line_count_as_one() {
        let crowd = Crowd::new(LIMITS);
        let places: Vec<_> = (1..=4).map(|n| crowd.enter(address(&format!("2001:db8:1:2::{n}")))).collect();
        assert_eq!(places.iter().flatten().count(), 2);
        assert!(crowd.enter(address("2001:db8:1:3::1")).is_some());
        assert_eq!(network(address("::ffff:10.0.0.1")), address("10.0.0.1"));
    }
}
