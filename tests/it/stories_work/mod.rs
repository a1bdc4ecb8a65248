//! A day's work on the screens, as stories: what is pressed, what is seen, what is asked of the door.

mod agenda;
mod forms;
mod protection;
mod record;
mod stage;
mod waiting;
