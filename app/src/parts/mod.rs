//! The pieces that pages are made of. They know no area's words and call no server function.
//!
//! To add one: a file here, a line below, and its rules in `style/parts.css`.

mod awake;
mod bind;
mod button;
mod card;
mod cards;
mod combo;
mod confirm;
mod copy;
mod dialog;
mod each;
mod empty;
mod error_note;
mod facts;
mod field;
mod guard;
mod icon;
mod loading;
mod not_loaded;
mod password;
mod spark;
mod spinner;
mod state_mark;
mod strength;
mod tags;
mod task;
mod time;
mod toast;

pub use awake::use_awake;
pub use bind::Bind;
pub use button::{Button, Look};
pub use card::Card;
pub use cards::{CardChoice, CardOption};
pub use combo::{Choice, ComboField};
pub use confirm::ConfirmRemove;
pub use copy::CopyBlock;
pub use dialog::{Dialog, focus_in_dialog};
pub use each::each;
pub use empty::Empty;
pub use error_note::ErrorNote;
pub use facts::Facts;
pub use field::{Field, FieldErrors, Switch, TextField};
pub use guard::{guard_leaving, hear_back_first, may_leave};
pub use icon::{Icon, IconName};
pub use loading::when_loaded;
pub use not_loaded::not_loaded;
pub use password::PasswordField;
pub use spark::{Beats, Sparkline};
pub use spinner::Spinner;
pub use state_mark::{StateMark, state_word};
pub use tags::TagsField;
pub use task::{Acts, Task};
pub use time::{Ago, Since, provide_now, use_now};
pub use toast::{ToastStack, Toasts, Tone, use_toasts};
