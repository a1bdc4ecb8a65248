//! The scenes: which pictures there are, and the keys that lead to them.
//!
//! One step a line: `scene NAME COLUMNSxROWS ARGUMENTS…` runs the program anew; `wait TEXT` and `gone TEXT` wait until
//! the screen shows a text or no longer does; `type TEXT` and `keys KEY…` send keys; `shot NAME` takes the picture.
//! `{vault}` and `{passphrase}` in arguments and typed text come from the environment.

/// One run of the program.
pub struct Scene {
    /// What it is called.
    pub name: String,
    /// The terminal's width in cells.
    pub columns: u16,
    /// The terminal's height in cells.
    pub rows: u16,
    /// What the program is started with.
    pub arguments: Vec<String>,
    /// What happens then.
    pub steps: Vec<Step>,
}

/// One step of a scene.
pub enum Step {
    /// Until the screen shows this.
    Wait(String),
    /// Until the screen no longer shows this.
    Gone(String),
    /// These bytes, as a terminal sends them.
    Keys(String),
    /// A picture of this name.
    Shot(String),
}

/// All scenes, in the order of the file.
pub fn scenes() -> Vec<Scene> {
    let mut scenes: Vec<Scene> = Vec::new();
    for line in include_str!("../../screenshots/scenes").lines().map(str::trim) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = filled(rest.trim());
        let step = match word {
            "" | "#" => continue,
            "scene" => {
                scenes.push(opened(&rest));
                continue;
            }
            "wait" => Step::Wait(rest),
            "gone" => Step::Gone(rest),
            "type" => Step::Keys(rest),
            "keys" => Step::Keys(rest.split_whitespace().map(sent).collect()),
            "shot" => Step::Shot(rest),
            _ => panic!("no such step: {line}"),
        };
        scenes.last_mut().expect("a scene before its steps").steps.push(step);
    }
    scenes
}

fn opened(rest: &str) -> Scene {
    let mut words = rest.split_whitespace().map(str::to_owned);
    let name = words.next().expect("a scene's name");
    let size = words.next().expect("a scene's size");
    let (columns, rows) = size.split_once('x').expect("COLUMNSxROWS");
    let (columns, rows) = (columns.parse().expect("columns"), rows.parse().expect("rows"));
    Scene { name, columns, rows, arguments: words.collect(), steps: Vec::new() }
}

fn filled(text: &str) -> String {
    let from = |name: &str| std::env::var(name).unwrap_or_default();
    text.replace("{vault}", &from("SCENES_VAULT")).replace("{passphrase}", &from("SCENES_PASSPHRASE"))
}

/// What a terminal sends for a key.
fn sent(key: &str) -> String {
    let plain = match key {
        "Enter" => "\r",
        "Esc" => "\x1b",
        "Tab" => "\t",
        "Space" => " ",
        "Up" => "\x1b[A",
        "Down" => "\x1b[B",
        "Right" => "\x1b[C",
        "Left" => "\x1b[D",
        "F2" => "\x1bOQ",
        "F3" => "\x1bOR",
        "F4" => "\x1bOS",
        "F5" => "\x1b[15~",
        "F6" => "\x1b[17~",
        "F7" => "\x1b[18~",
        "F8" => "\x1b[19~",
        "F9" => "\x1b[20~",
        other => other,
    };
    match plain.strip_prefix("C-").and_then(|letter| letter.bytes().next()) {
        Some(letter) => char::from(letter & 0x1f).to_string(),
        None => plain.to_owned(),
    }
}
