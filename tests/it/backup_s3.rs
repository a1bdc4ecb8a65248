//! Backups to a real S3-compatible server: moto's, started here on a free port of the loopback interface.
//!
//! The server is a Python package; where it is not installed yet the test installs it into the build folder, and where that
//! is impossible it says so and tests nothing. **Invariant:** the server ends with the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use veilbook::clock::Clock;
use veilbook::vault::backup::{BackupError, Hold, HoldMode, Kind, Place, PlaceError, Want, list, remove};

use crate::backup_bench::Bench;

/// The folder in which `.ci/run` and this test install the server.
fn environment() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/moto")
}

/// The server's program, installed where it is missing.
fn program() -> Result<PathBuf, String> {
    let folder = environment();
    let server = folder.join("bin/moto_server");
    if server.exists() {
        return Ok(server);
    }
    let run = |program: PathBuf, arguments: &[&str]| {
        let output = Command::new(&program).args(arguments).output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said) }
    };
    run("python3".into(), &["-m", "venv", &folder.to_string_lossy()])?;
    run(folder.join("bin/pip"), &["install", "--quiet", "moto[server]"])?;
    Ok(server)
}

struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Result<Self, String> {
        let mut child = Command::new(program()?)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONUNBUFFERED", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no output")?).lines();
        // It says ` * Running on http://127.0.0.1:PORT` once it listens.
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, rest) = line.split_once("http://127.0.0.1:")?;
            rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        });
        // What it says later has to go somewhere, or it would wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let port = port.ok_or("the server did not start")?;
        Ok(Self { child, port })
    }

    /// Makes a bucket.
    fn bucket(&self, name: &str, headers: &str) {
        let mut line = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = format!(
            "PUT /{name} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 0\r\nConnection: close\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request\r\n{headers}\r\n",
            self.port
        );
        line.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn place(&self, bucket: &str) -> Place {
        format!("s3://{bucket}/desk/one?endpoint=http://127.0.0.1:{}", self.port).parse().unwrap()
    }
}

fn credentials() -> Vec<(String, String)> {
    [("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("HOME", "elsewhere")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

#[test]
fn a_bucket_takes_full_and_incremental_backups_and_gives_them_back() {
    let server = match Server::start() {
        Ok(server) => server,
        Err(why) => {
            println!("left out: moto's server cannot be installed here: {why}");
            return;
        }
    };
    server.bucket("plain", "");
    server.bucket("locked", "x-amz-bucket-object-lock-enabled: true\r\n");
    let bench = Bench::new(31);
    bench.put(0, 14_000, 1, 700);
    let store = server.place("plain").connect(None, &credentials()).unwrap();
    assert!(!store.place().contains("secret") && !format!("{store:?}").contains("secret"));
    let full = bench.backup(&*store, Want::Incremental).unwrap().head;
    assert!(full.kind == Kind::Full && full.objects.len() > 1);
    let there_was = bench.contents();
    bench.put(5, 40, 100, 700);
    let later = bench.backup(&*store, Want::Incremental).unwrap().head;
    assert_eq!(later.parent.as_ref(), Some(&full.id));
    let listed = list(&*store, None).unwrap();
    assert_eq!((listed.heads, listed.broken.len()), (vec![later.clone(), full.clone()], 0));
    bench.verify(&*store, &later.id).unwrap();
    assert!(bench.restored(&*store, &full.id).unwrap() == there_was);
    assert!(bench.restored(&*store, &later.id).unwrap() == bench.contents());
    let now = bench.clock.now();
    assert!(matches!(remove(&*store, &bench.vault, &full.id, now), Err(BackupError::Needed(..))));
    remove(&*store, &bench.vault, &later.id, now).unwrap();
    remove(&*store, &bench.vault, &full.id, now).unwrap();
    assert_eq!(list(&*store, None).unwrap(), Default::default());

    held(&server, &bench);
    let missing = server.place("no-such-bucket").connect(None, &credentials()).unwrap();
    assert!(matches!(bench.backup(&*missing, Want::Full), Err(BackupError::Place(_))));
}

/// A bucket with object lock keeps what it was asked to keep; one without refuses to be asked.
fn held(server: &Server, bench: &Bench) {
    // The store compares with its own clock, which is the machine's.
    let until = veilbook::clock::SystemClock.now().plus_seconds(86_400);
    let hold = Some(Hold { mode: HoldMode::Governance, until });
    let store = server.place("locked").connect(hold, &credentials()).unwrap();
    let head = bench.backup(&*store, Want::Full).unwrap().head;
    assert_eq!(head.lock_until, Some(until));
    bench.verify(&*store, &head.id).unwrap();
    let now = bench.clock.now();
    let removed = remove(&*store, &bench.vault, &head.id, now);
    assert!(matches!(removed, Err(BackupError::Held(..))), "{removed:?}");
    let refused: Result<_, PlaceError> = server.place("plain").connect(hold, &credentials());
    let refused = bench.backup(&*refused.unwrap(), Want::Full);
    assert!(matches!(refused, Err(BackupError::Place(_))), "{refused:?}");
}
