//! The pieces that pages are made of. They know no area's words and call no server function.
//!
//! To add one: a file here, a line below, and its rules in `style/parts.css`.

mod button;
mod card;
mod dialog;
mod empty;
mod error_note;
mod field;
mod icon;
mod spark;
mod spinner;
mod state_mark;
mod time;
mod toast;

pub use button::{Button, Look};
pub use card::Card;
pub use dialog::Dialog;
pub use empty::Empty;
pub use error_note::ErrorNote;
pub use field::{Field, FieldErrors, SelectField, Switch, TextField};
pub use icon::{Icon, IconName};
pub use spark::{Beats, Sparkline};
pub use spinner::Spinner;
pub use state_mark::{StateMark, state_word};
pub use time::{Moment, Since, provide_now, use_now};
pub use toast::{ToastStack, Toasts, Tone, report, use_toasts};
