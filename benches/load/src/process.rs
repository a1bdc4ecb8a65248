//! What the system tells of a process: its processor time and memory.

use std::fs::read_to_string;
use std::time::Duration;

/// The unit of processor times in `/proc`, the same on every Linux that people run.
const TICK: Duration = Duration::from_millis(10);

/// The processor time that a process has taken so far, in user and system mode.
pub fn processor_time(process: u32) -> Duration {
    let stat = read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name stands in parentheses and may have spaces in it.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks: u32 = after.split_whitespace().skip(11).take(2).filter_map(|figure| figure.parse::<u32>().ok()).sum();
    TICK * ticks
}

/// The memory that a process has at the moment, in bytes.
pub fn memory(process: u32) -> u64 {
    figure(process, "VmRSS:")
}

/// The most memory that it has had, in bytes.
pub fn peak(process: u32) -> u64 {
    figure(process, "VmHWM:")
}

fn figure(process: u32, name: &str) -> u64 {
    let status = read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|figure| figure.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// The load average of the last minute.
pub fn load() -> String {
    read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next().unwrap_or("?").to_owned()
}

/// Lets this process and those it starts have as many files open as the system allows.
pub fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Where it is not allowed, the part that needs many connections says that one failed.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}
