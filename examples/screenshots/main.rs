//! Pictures of the running program, from the scenes in `screenshots/scenes`. `screenshots/make` runs this.
//!
//! `screenshots draw PROGRAM FOLDER` plays every scene in a pseudo-terminal and writes an SVG a shot.
//! `screenshots list` prints the scenes, and `screenshots play SCENE PROGRAM FOLDER` plays one inside a real terminal,
//! passing every byte on to it, and has each shot taken of that terminal's window.
//! **Invariant:** what is drawn or passed on is what the program wrote; nothing waits for a time to pass but for what
//! the screen shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

#[path = "../../tests/it/pty.rs"]
#[allow(dead_code, clippy::indexing_slicing)]
mod pty;
mod scenes;
mod svg;
mod window;

use std::path::Path;

use portable_pty::CommandBuilder;
use scenes::{Scene, Step, scenes};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["draw", program, folder] => scenes().iter().for_each(|scene| draw(scene, program, Path::new(folder))),
        ["list"] => scenes().iter().for_each(|s| println!("{} {} {}", s.name, s.columns, s.rows)),
        ["play", name, program, folder] => {
            let scene = scenes().into_iter().find(|s| s.name == *name).expect("a scene of that name");
            window::play(&scene, command(&scene, program), Path::new(folder));
        }
        _ => {
            eprintln!("usage: screenshots draw PROGRAM FOLDER | list | play SCENE PROGRAM FOLDER");
            std::process::exit(2);
        }
    }
}

/// The program as the scene wants it run, in a clean environment.
fn command(scene: &Scene, program: &str) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(&scene.arguments);
    command.env_remove("NO_COLOR");
    command.env("TERM", "xterm-256color");
    command.env("COLORTERM", "truecolor");
    command
}

/// Plays the scene in a pseudo-terminal and writes its shots.
fn draw(scene: &Scene, program: &str, folder: &Path) {
    let mut terminal = pty::Pty::spawn(command(scene, program), scene.columns, scene.rows);
    for step in &scene.steps {
        match step {
            Step::Wait(text) => drop(terminal.wait_for(text)),
            Step::Gone(text) => drop(terminal.wait(text, |screen| !screen.contents().contains(text))),
            Step::Keys(keys) => drop(terminal.keys(keys)),
            Step::Shot(name) => {
                let path = folder.join(format!("{name}.svg"));
                std::fs::write(&path, svg::draw(terminal.screen())).unwrap();
                println!("{}", path.display());
            }
        }
    }
}
