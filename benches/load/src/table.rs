//! The rows that are printed: what was measured, and what is aimed at.
//!
//! **Invariant:** a row is printed as soon as it is known, so that a run that is cut off has still said something.

/// How a figure is printed.
#[derive(Clone, Copy)]
pub enum Unit {
    Bytes,
    Millis,
    Seconds,
    Megabytes,
    Times,
}

impl Unit {
    fn show(self, figure: f64) -> String {
        match self {
            Self::Bytes => format!("{figure:.0} B"),
            Self::Millis => format!("{figure:.2} ms"),
            Self::Seconds => format!("{figure:.2} s"),
            Self::Megabytes => format!("{figure:.1} MB"),
            Self::Times => format!("{figure:.1} x"),
        }
    }
}

/// Begins a part.
pub fn part(title: &str) {
    println!("\n## {title}\n\n| what | measured | aim | holds |\n|---|--:|--:|---|");
}

/// A figure that should not be above a limit.
pub fn at_most(what: &str, figure: f64, limit: f64, unit: Unit) {
    aimed(what, figure, unit, &format!("at most {}", limit_of(limit, unit)), figure <= limit);
}

/// A figure that should not be below a limit.
pub fn at_least(what: &str, figure: f64, limit: f64, unit: Unit) {
    aimed(what, figure, unit, &format!("at least {}", limit_of(limit, unit)), figure >= limit);
}

fn aimed(what: &str, figure: f64, unit: Unit, aim: &str, is_met: bool) {
    println!("| {what} | {} | {aim} | {} |", unit.show(figure), if is_met { "yes" } else { "NO" });
}

fn limit_of(limit: f64, unit: Unit) -> String {
    match unit {
        Unit::Bytes => format!("{limit:.0} B"),
        Unit::Millis => format!("{limit:.0} ms"),
        Unit::Seconds => format!("{limit:.1} s"),
        Unit::Megabytes => format!("{limit:.0} MB"),
        Unit::Times => format!("{limit:.0} x"),
    }
}

/// A figure that stands beside others and has no limit.
pub fn beside(what: &str, measured: &str) {
    println!("| {what} | {measured} | | |");
}

/// The mean of some figures.
pub fn mean(figures: &[u64]) -> f64 {
    figures.iter().sum::<u64>() as f64 / figures.len().max(1) as f64
}
