//! veilbook's encrypted file beside what a person would use instead: plain redb, plain SQLite, SQLCipher.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml` prints a table; `-- --readme` puts it into SPEED.md,
//! `-- --rows 1000000` takes a million customers; [`large`] is what `-- --work` measures. The peers take turns within one run, order by order, so that a noisy
//! machine is noisy for all of them; medians are printed, and ratios are medians of the ratios of single turns.
//! **Invariant:** nothing here fails because a machine is slow.

mod large;
mod machine;
mod peer;
#[path = "../../speed/person.rs"]
mod person;
mod rows;
mod sql;
mod table;
mod tables;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use peer::NAMES;
use table::{Figures, Unit};

/// What is asked in every round: the order, how often, and what the table calls it.
const ORDERS: [(&str, u64, &str); 6] = [
    ("commit", 10, "durable commit"),
    ("point", 3_000, "point read, whole customer"),
    ("page", 300, "50 rows from a random place by name"),
    ("full", 60, "50 whole customers from there, looked up"),
    ("count", 40, "count by owner, walked"),
    ("kept", 2_000, "count by owner, kept with the data"),
];
const CHUNK: u64 = 10_000;

struct Settings {
    rows: u64,
    passes: u64,
    rounds: u64,
    folder: PathBuf,
    readme: bool,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, path] = arguments.as_slice()
        && flag == "--peer"
    {
        return peer::serve(name, Path::new(path));
    }
    if let [flag, vault, passphrase, folder, part] = arguments.as_slice()
        && flag == "--work-in"
    {
        return large::measure(Path::new(vault), Path::new(passphrase), Path::new(folder), part);
    }
    let value = |flag: &str| arguments.iter().position(|a| a == flag).and_then(|at| arguments.get(at + 1)).cloned();
    let number = |flag: &str, usual: u64| value(flag).map_or(usual, |text| text.parse().expect("a number"));
    if let Some(passphrase) = value("--passphrase-file") {
        let vaults = arguments.iter().skip_while(|a| *a != "--work").skip(1).take_while(|a| !a.starts_with("--"));
        let folder = value("--folder").unwrap_or_else(|| "/dev/shm".to_owned());
        return large::table(
            &vaults.cloned().collect::<Vec<_>>(),
            Path::new(&passphrase),
            Path::new(&folder),
            &value("--part").unwrap_or_default(),
        );
    }
    let rows = number("--rows", 100_000);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let settings = Settings {
        rows,
        passes: number("--passes", if rows > 300_000 { 1 } else { 3 }),
        rounds: number("--rounds", 15),
        folder: value("--folder").map_or_else(std::env::temp_dir, PathBuf::from),
        readme: arguments.iter().any(|a| a == "--readme"),
    };
    let machine = machine::described(&settings.folder);
    let mut figures = Figures::default();
    for pass in 0..settings.passes {
        eprintln!("pass {} of {}", pass + 1, settings.passes);
        measure(&settings, pass, &mut figures);
    }
    let mut text = figures.markdown(&machine, rows);
    if machine::is_in_memory(&settings.folder) {
        text.push_str("\nThe files lay in memory: the times of commits mean nothing.\n");
    }
    print!("{text}");
    if settings.readme {
        table::put_into(&root.join("../../SPEED.md"), &text);
    }
}

/// A peer in its process.
struct Asked {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Asked {
    fn start(name: &str, path: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--peer", name])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output }
    }

    fn ask(&mut self, order: &str) -> Vec<u64> {
        writeln!(self.input.as_mut().unwrap(), "{order}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.split_whitespace().map(|figure| figure.parse().unwrap()).collect()
    }

    fn time(&mut self, order: &str) -> f64 {
        self.ask(order)[0] as f64
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        drop(self.input.take());
        self.child.wait().unwrap();
    }
}

fn measure(settings: &Settings, pass: u64, figures: &mut Figures) {
    let folder = tempfile::tempdir_in(&settings.folder).unwrap();
    let mut peers: Vec<Asked> = NAMES.map(|name| Asked::start(name, &folder.path().join(name))).into();
    let all = 0..NAMES.len();
    // The order of turns moves on with every turn, so that nobody always follows the same neighbour.
    let turns = |turn: u64| all.clone().map(move |at| (at + turn as usize) % NAMES.len());

    let mut loads = [0.0; NAMES.len()];
    for (turn, first) in (1..=settings.rows).step_by(CHUNK as usize).enumerate() {
        for at in turns(turn as u64) {
            loads[at] += peers[at].time(&format!("load {first} {}", (first + CHUNK - 1).min(settings.rows)));
        }
    }
    for at in all.clone() {
        loads[at] += peers[at].time("loaded");
    }
    figures.add("bulk load", Unit::Seconds, loads);

    let syncs = peers[0].ask("syncs")[0];
    let mut commits = 0;
    for round in 0..settings.rounds {
        for (order, times, what) in ORDERS {
            let mut took = [0.0; NAMES.len()];
            for at in turns(round) {
                let seed = pass * 1_000 + round;
                took[at] = peers[at].time(&format!("{order} {seed} {times} {}", settings.rows)) / times as f64;
            }
            let unit = if order == "commit" { Unit::Millis } else { Unit::Micros };
            figures.add(what, unit, took);
            commits += if order == "commit" { times } else { 0 };
        }
    }
    figures.syncs((peers[0].ask("syncs")[0] - syncs) as f64 / commits as f64);

    for round in 0..5 {
        let mut took = [0.0; NAMES.len()];
        for at in turns(round) {
            took[at] = peers[at].time(&format!("open {}", round * 7_919 % settings.rows + 1));
        }
        figures.add("open and first read, cold", Unit::Millis, took);
    }
    let sizes: Vec<Vec<u64>> = peers.iter_mut().map(|peer| peer.ask("size")).collect();
    figures.add("file, length", Unit::Mebibytes, std::array::from_fn(|at| sizes[at][0] as f64));
    figures.add("file, taken on the disk", Unit::Mebibytes, std::array::from_fn(|at| sizes[at][1] as f64));
    let peaks: Vec<u64> = peers.iter_mut().map(|peer| peer.ask("peak")[0] * 1024).collect();
    figures.add("most memory of the process", Unit::Mebibytes, std::array::from_fn(|at| peaks[at] as f64));
}
