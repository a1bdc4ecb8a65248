//! Customers into a file and back in again; names of files that are meant badly, and disks that are full.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Mutex;

use veilbook::cli::files::{Files, There};

use super::vault::{made, objects};
use super::*;

const LIST: &str = "姓名,手机,公司,阶段,标签,偏好,备注\n\
    王芳,13812341234,\"=cmd|' /C calc'!A0\",customer,\"vip, old\",喜欢绿茶,不外传\n\
    Ann Barlow,+44 20 7946 0123,\"Kestrel, \"\"Ltd\"\"\",lead,vip,,\n\
    '=Bob,13900001111,,qualified,,@night,\n";

fn shop() -> Bench {
    let bench = made();
    let file = bench.file("list.csv", LIST.as_bytes());
    let arguments = ["import", &file, "--source", "old list", "--basis", "contract", "--duplicates", "skip"];
    assert_eq!(bench.owner(&arguments).ok(), "3 added, 0 merged, 0 skipped, 0 rejected\n");
    bench
}

fn export<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["customers", "--export", file, "--reason", "legal_audit"][..], more].concat()
}

#[test]
fn what_goes_out_comes_back_in() {
    let bench = shop();
    let out = bench.text("out.csv");
    let ran = bench.owner(&export(&out, &[]));
    assert!(ran.err.contains("3 customers in"), "{}", ran.err);
    assert_eq!(ran.ok(), "");
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.starts_with('\u{FEFF}') && text.contains("138****1234"), "{text}");
    assert!(!text.contains("不外传") && !text.contains("13812341234"), "{text}");
    let other = made();
    let arguments = ["import", &out, "--source", "the other vault", "--basis", "contract", "--duplicates", "skip"];
    let ran = other.owner(&arguments);
    assert!(ran.err.lines().any(|line| line.starts_with("mobile_masked") && line.contains("left out")), "{}", ran.err);
    assert_eq!(ran.ok(), "3 added, 0 merged, 0 skipped, 0 rejected\n");
    let what = |bench: &Bench| {
        let mut rows = objects(&bench.owner(&["customers", "--json"]).ok());
        rows.sort_by_key(|row| row["name"].to_string());
        let part = |row: &serde_json::Value| {
            let fields = &row["fields"];
            ["name", "stage", "tags"].map(|key| row[key].to_string()).into_iter().collect::<Vec<_>>().join("|")
                + &["company", "preferences"].map(|key| fields[key].to_string()).join("|")
        };
        rows.iter().map(part).collect::<Vec<_>>()
    };
    assert_eq!(what(&other), what(&bench));
}

#[test]
fn real_values_are_named_and_counted_and_a_dry_run_writes_nothing() {
    let bench = shop();
    let out = bench.text("out.csv");
    let asked = ["tag:vip", "--values", "mobile", "--columns", "stage,company"];
    let dry = bench.owner(&[&export(&out, &asked)[..], &["--dry-run"]].concat());
    assert!(dry.err.contains("2 would go out, 2 of their values as reveals"), "{}", dry.err);
    assert!(dry.ok().is_empty() && !bench.path("out.csv").exists());
    bench.owner(&export(&out, &asked)).ok();
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.contains("name,stage,company,mobile\n"), "{text}");
    assert!(text.contains("王芳,customer,'=cmd|' /C calc'!A0,'+86 138 1234 1234\n"), "{text}");
    bench.owner(&["customers", "--export", &bench.text("x.csv")]).fails(2, "--reason");
    bench.owner(&export(&bench.text("x.csv"), &["tag:nobody"])).fails(1, "customers");
    bench.owner(&export(&bench.text("x.csv"), &["stge:lead"])).fails(2, "^^^^");
    bench.owner(&export(&bench.text("x.csv"), &[&"a ".repeat(10_001)])).fails(2, "");
    bench.owner(&export(&bench.text("x.csv"), &["--columns", "no_such"])).fails(1, "no_such");
    assert!(!bench.path("x.csv").exists(), "a file without anything in it was left");
}

#[test]
fn no_file_is_written_over_and_no_name_is_taken_for_an_option() {
    let bench = shop();
    let there = bench.file("there.csv", b"mine");
    bench.owner(&export(&there, &[])).fails(1, "another name");
    std::os::unix::fs::symlink(bench.path("elsewhere.csv"), bench.path("link.csv")).unwrap();
    bench.owner(&export(&bench.text("link.csv"), &[])).fails(1, "another name");
    bench.owner(&export(&bench.text("no/such/folder.csv"), &[])).fails(1, "Check the path");
    assert_eq!(std::fs::read(bench.path("there.csv")).unwrap(), b"mine");
    assert!(!bench.path("elsewhere.csv").exists());
    let odd = format!("--export={}", bench.text("-rf"));
    bench.owner(&["customers", &odd, "--reason", "legal_audit"]).ok();
    assert!(bench.path("-rf").exists());
    // Nobody was put on record but by the one that was written.
    let record = bench.owner(&["audit", "list", "--json", "action:customer.export"]).ok();
    assert_eq!(record.lines().count(), 1, "{record}");
}

/// A disk that takes no byte.
struct Full(Mutex<u32>);

impl Files for Full {
    fn read(&self, path: &Path) -> io::Result<File> {
        File::open(path)
    }

    fn create(&self, _: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).open("/dev/full")
    }

    fn remove(&self, _: &Path) -> io::Result<()> {
        *self.0.lock().unwrap() += 1;
        Ok(())
    }

    fn look(&self, _: &Path) -> There {
        There::Nothing
    }
}

#[test]
fn a_full_disk_leaves_no_half_file_and_is_said() {
    let bench = shop();
    let full = Arc::new(Full(Mutex::new(0)));
    let environment = Environment { files: Arc::clone(&full) as _, ..bench.environment() };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut prompt = Typist(None, Vec::new());
    let mut io = Io { input: &mut &b""[..], output: &mut out, errors: &mut err, prompt: &mut prompt };
    let secret = bench.text("owner.pass");
    let signed = ["--as", "Owner", "--passphrase-file", &secret];
    let arguments = [&["veilbook"][..], &export("out.csv", &[]), &signed].concat();
    let outcome = run(arguments.into_iter().map(OsString::from), &environment, &mut io);
    assert!(matches!(outcome, Outcome::Exit(exit) if exit.code() == 1));
    assert!(String::from_utf8(err).unwrap().contains("Make room on the disk"));
    assert_eq!(*full.0.lock().unwrap(), 1, "the half file stayed");
}
