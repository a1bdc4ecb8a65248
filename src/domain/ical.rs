//! Reminders as a calendar file (RFC 5545), for a phone or a desk calendar.
//!
//! **Invariant:** no text can end a line or begin a property: it is escaped, and lines are folded at 75 octets.

use crate::clock::Timestamp;
use crate::codes::codes;

/// The longest line, in octets (RFC 5545, 3.1).
const LINE: usize = 75;

/// What a file says of a reminder only where it is asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The customer's name, as a list shows it.
    Name,
    /// What is to be done.
    Text,
}

codes!(Part: Name = "name", Text = "text");

/// One event.
#[derive(Debug)]
pub struct Event<'a> {
    /// What makes it the same event when the file is made again.
    pub uid: String,
    /// When it begins.
    pub start: Timestamp,
    /// What it is called.
    pub summary: &'a str,
    /// When it comes again, as RFC 5545 writes it after `RRULE:`.
    pub rule: Option<&'a str>,
}

/// The file, made at `now`. Each event lasts a quarter of an hour and is told of when it begins.
pub fn calendar(events: &[Event<'_>], now: Timestamp) -> String {
    let mut out = String::new();
    let mut line = |text: &str| fold(&mut out, text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//veilbook//veilbook//EN");
    for event in events {
        line("BEGIN:VEVENT");
        line(&format!("UID:{}", escaped(&event.uid)));
        line(&format!("DTSTAMP:{}", stamp(now)));
        line(&format!("DTSTART:{}", stamp(event.start)));
        line("DURATION:PT15M");
        if let Some(rule) = event.rule {
            line(&format!("RRULE:{rule}"));
        }
        line(&format!("SUMMARY:{}", escaped(event.summary)));
        for text in
            ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:PT0S", "DESCRIPTION:veilbook", "END:VALARM", "END:VEVENT"]
        {
            line(text);
        }
    }
    line("END:VCALENDAR");
    out
}

fn stamp(at: Timestamp) -> String {
    at.utc().format("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\\' | ';' | ',' => out.extend(['\\', c]),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

fn fold(out: &mut String, text: &str) {
    let mut octets = 0;
    for c in text.chars() {
        if octets + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_each_event_with_text_that_cannot_leave_its_line() {
        let summary = format!("ring; ask, then\r\nEND:VEVENT {}", "张".repeat(60));
        let event = Event { uid: "7@v".into(), start: Timestamp(0), summary: &summary, rule: Some("FREQ=DAILY") };
        let file = calendar(&[event], Timestamp(60_000));
        assert!(file.split("\r\n").all(|line| line.len() <= LINE), "{file}");
        assert_eq!(file.matches("END:VEVENT").count(), 2);
        let unfolded = file.replace("\r\n ", "");
        assert!(unfolded.contains("\r\nDTSTART:19700101T000000Z\r\n"));
        assert!(unfolded.contains("\r\nRRULE:FREQ=DAILY\r\n"));
        assert!(unfolded.contains(&format!("SUMMARY:ring\\; ask\\, then\\nEND:VEVENT {}\r\n", "张".repeat(60))));
    }
}
