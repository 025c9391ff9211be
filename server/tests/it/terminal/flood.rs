//! A device that floods while the database takes nothing: the terminal waits for its recording, a key passes all the
//! same, and what is lost in the end is told.

use super::recorded::at_prompt;
use crate::fixture::{App, Client, SshSim, Terminal, TerminalSays, eventually};
use model::{RecordingId, TerminalEnd, ToTerminal};
use serde_json::Value;
use sqlx::{Connection, Executor, SqliteConnection};
use std::pin::pin;

/// What the simulator's flood is.
const FLOOD_BYTES: usize = 1_000_000;
/// So much finds room in memory, whatever was written before.
const ROOM_BYTES: usize = 50_000;
/// More does not: four chunks, and what is on the way.
const ROOM_BYTES_MAX: usize = 200_000;

/// A terminal at its prompt, and another process that writes to the database's file.
struct Stage {
    admin: Client,
    sim: SshSim,
    terminal: Terminal,
    id: RecordingId,
    other: SqliteConnection,
    _app: App,
}

/// Nothing where the database is no file: there nobody can hold it up so simply.
async fn stage() -> Option<Stage> {
    let app = App::start().await;
    let file = app.folder().join("routewarden.db");
    if !file.exists() {
        return None;
    }
    let admin = app.admin().await;
    let (sim, terminal, id) = at_prompt(&admin).await;
    let other = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    Some(Stage { admin, sim, terminal, id, other, _app: app })
}

impl Stage {
    async fn lock(&mut self) {
        self.other.execute("BEGIN IMMEDIATE").await.unwrap();
    }

    async fn unlock(&mut self) {
        self.other.execute("ROLLBACK").await.unwrap();
    }

    /// Reads on until so many bytes were drawn.
    async fn until_bytes(&mut self, wanted: usize) -> usize {
        let mut drawn = 0;
        while drawn < wanted {
            match self.terminal.hear().await {
                Some(TerminalSays::Bytes(bytes)) => drawn += bytes.len(),
                other => panic!("{other:?} instead of {wanted} bytes, after {drawn}"),
            }
        }
        drawn
    }

    /// Leaves; what is known of the recording then.
    async fn leave(mut self) -> Value {
        self.terminal.type_in(b"exit\r").await;
        assert_eq!(self.terminal.end().await, Some(TerminalEnd::Closed { exit_code: Some(7) }));
        let path = format!("/api/recordings/{}", self.id);
        eventually("it is written", &self.admin, &path, |one| one["end"] == "closed").await
    }
}

#[tokio::test]
async fn a_flood_waits_for_its_recording_and_all_of_it_is_recorded() {
    let Some(mut stage) = stage().await else { return };
    stage.lock().await;
    stage.terminal.type_in(b"flood\r").await;
    let drawn = stage.until_bytes(ROOM_BYTES).await;
    stage.unlock().await;
    stage.until_bytes(FLOOD_BYTES - drawn).await;
    let known = stage.leave().await;
    assert_eq!((&known["lost_bytes"], &known["cut_short"]), (&0.into(), &false.into()));
    assert!(known["bytes"].as_u64().unwrap() >= FLOOD_BYTES as u64, "{known}");
}

#[tokio::test]
async fn a_key_that_stops_a_flood_passes_while_the_flood_waits() {
    let Some(mut stage) = stage().await else { return };
    stage.lock().await;
    stage.terminal.type_in(b"flood\r").await;
    stage.until_bytes(ROOM_BYTES).await;
    stage.terminal.type_in(b"\x03").await;
    {
        let mut interrupted = pin!(stage.sim.until_interrupted());
        loop {
            tokio::select! {
                () = &mut interrupted => break,
                said = stage.terminal.hear() => match said {
                    Some(TerminalSays::Bytes(_)) => {}
                    other => panic!("{other:?} before the key"),
                },
            }
        }
    }
    stage.unlock().await;
    stage.terminal.type_in(b"still here").await;
    stage.terminal.until_drawn("still here").await;
    assert_eq!(stage.leave().await["lost_bytes"], 0);
}

#[tokio::test]
async fn a_database_that_hangs_holds_no_terminal_up_for_ever_and_the_page_is_told_what_is_lost() {
    let Some(mut stage) = stage().await else { return };
    stage.lock().await;
    stage.terminal.type_in(b"flood\r").await;
    let mut drawn = 0;
    loop {
        match stage.terminal.hear().await {
            Some(TerminalSays::Bytes(bytes)) => drawn += bytes.len(),
            Some(TerminalSays::Word(ToTerminal::Unrecorded { is_now: true })) => break,
            other => panic!("{other:?} after {drawn} bytes"),
        }
    }
    assert!(drawn < ROOM_BYTES_MAX, "{drawn} bytes did not wait");
    stage.until_bytes(FLOOD_BYTES - drawn).await;
    stage.unlock().await;
    assert_eq!(stage.terminal.word().await, Some(ToTerminal::Unrecorded { is_now: false }));
    stage.terminal.type_in(b"still here").await;
    stage.terminal.until_drawn("still here").await;
    let known = stage.leave().await;
    let (bytes, lost) = (known["bytes"].as_u64().unwrap(), known["lost_bytes"].as_u64().unwrap());
    assert!(lost > 0 && bytes + lost >= FLOOD_BYTES as u64, "{known}");
}
