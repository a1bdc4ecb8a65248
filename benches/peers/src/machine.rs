//! What is said of the machine beside the figures.
//!
//! **Invariant:** names no person, host or folder.

use std::fs::read_to_string;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// One line: processor, cores, memory, kernel, disk under `folder`, load.
pub fn described(folder: &Path) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = first("/proc/meminfo", "MemTotal:").trim_end_matches(" kB").parse::<u64>().unwrap_or(0) >> 20;
    let kernel = line("/proc/sys/kernel/osrelease");
    let load = line("/proc/loadavg").split(' ').next().unwrap_or("?").to_owned();
    let cpu = first("/proc/cpuinfo", "model name").trim_start_matches(':').trim().to_owned();
    format!("{cpu}, {cores} cores, {memory} GiB, Linux {kernel}, {}; load {load} at the start", disk(folder))
}

/// Whether what lies in `folder` is lost with the power, so that a sync there costs nothing and means nothing.
pub fn is_in_memory(folder: &Path) -> bool {
    const TMPFS: u64 = 0x0102_1994;
    const RAMFS: u64 = 0x8584_58F6;
    rustix::fs::statfs(folder).is_ok_and(|stat| [TMPFS, RAMFS].contains(&(stat.f_type as u64 & 0xFFFF_FFFF)))
}

fn disk(folder: &Path) -> String {
    let Ok(device) = folder.metadata().map(|m| m.dev()) else { return "an unknown disk".into() };
    let base = format!("/sys/dev/block/{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    let turns = [format!("{base}/queue/rotational"), format!("{base}/../queue/rotational")].map(|path| line(&path));
    let name =
        std::fs::read_link(&base).ok().and_then(|p| Some(p.file_name()?.to_str()?.to_owned())).unwrap_or_default();
    let kind = match name.get(..2) {
        Some("vd" | "xv") => "virtual disk",
        Some("nv") => "NVMe disk",
        _ if turns.iter().any(|t| t == "0") => "solid-state disk",
        _ if turns.iter().any(|t| t == "1") => "turning disk",
        _ => "disk of unknown kind",
    };
    let mounts = read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let number = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    let system = mounts.lines().find_map(|mount| {
        let (place, rest) = mount.split_once(" - ")?;
        (place.split(' ').nth(2)? == number).then(|| rest.split(' ').next().unwrap_or_default().to_owned())
    });
    format!("{kind} with {}", system.unwrap_or_else(|| "an unknown file system".into()))
}

fn line(path: &str) -> String {
    read_to_string(path).unwrap_or_default().trim().to_owned()
}

fn first(path: &str, name: &str) -> String {
    let text = read_to_string(path).unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
}
