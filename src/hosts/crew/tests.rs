//! A line before a doer, with a crew that runs jobs when the test says so.

use std::sync::mpsc::Receiver;

use super::*;

const DEADLINE: Duration = Duration::from_secs(30);

/// Tells what it does, and waits for a word before each sign-in.
struct Teller {
    said: Sender<&'static str>,
    go: Receiver<()>,
}

impl Doer for Teller {
    type Work = &'static str;

    fn lane(work: &&'static str) -> Lane {
        if work.starts_with("sign in") { Lane::SignIn } else { Lane::Quick }
    }

    fn carry_out(&mut self, work: &'static str) {
        if Self::lane(&work) == Lane::SignIn {
            self.go.recv_timeout(DEADLINE).unwrap();
        }
        self.said.send(work).unwrap();
    }
}

struct Bench {
    line: Line<Teller>,
    handed: Receiver<(Job, Lane)>,
    said: Receiver<&'static str>,
    go: Sender<()>,
}

/// A line whose jobs are run when the test says so.
fn bench() -> Bench {
    let (out, handed) = channel();
    let (said, heard) = channel();
    let (go, word) = channel();
    let out = Mutex::new(out);
    let crew = Crew::shared(Arc::new(move |job, lane, _| lock(&out).send((job, lane)).unwrap()));
    Bench { line: Line::new(crew, Teller { said, go: word }, Arc::new(|_| {})), handed, said: heard, go }
}

#[test]
fn a_sign_in_takes_its_own_lane_whatever_is_under_way_before_and_after_it() {
    let bench = bench();
    ["look", "sign in", "look again"].into_iter().for_each(|work| bench.line.push(work));
    bench.go.send(()).unwrap();
    let mut lanes = Vec::new();
    while let Ok((job, lane)) = bench.handed.try_recv() {
        lanes.push(lane);
        assert_eq!(job(), Did::Work);
        assert_eq!(bench.said.try_iter().count(), 1);
    }
    assert_eq!(lanes, [Lane::Quick, Lane::SignIn, Lane::Quick]);
}

#[test]
fn whoever_leaves_waits_for_no_turn_and_what_they_wrote_is_kept_first() {
    let bench = bench();
    bench.line.push("sign in");
    bench.line.push("keep the draft");
    let (waiting, _) = bench.handed.try_recv().unwrap();
    bench.line.leave("leave");
    let (job, lane) = bench.handed.try_recv().unwrap();
    assert_eq!((job(), lane), (Did::Work, Lane::Quick));
    assert_eq!(bench.said.try_iter().collect::<Vec<_>>(), ["keep the draft", "leave"]);
    assert_eq!(waiting(), Did::Nothing);
    assert!(bench.handed.try_recv().is_err());
}
