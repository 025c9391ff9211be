//! Where a device's questions wait for the person at the terminal.

use engine::{
    Secret,
    driver::ssh::{Asker, Question},
};
use model::TerminalQuestion;
use std::time::Duration;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// How long somebody may take to answer.
pub const ANSWER_MAX: Duration = Duration::from_secs(120);

/// A question on its way to the page.
pub struct Asked {
    pub title: String,
    pub questions: Vec<TerminalQuestion>,
    pub answers: oneshot::Sender<Vec<Secret<String>>>,
}

/// Asks the page, one question at a time.
pub struct Desk(pub mpsc::Sender<Asked>);

impl Asker for Desk {
    async fn ask(&mut self, title: String, questions: Vec<Question>) -> Option<Vec<Secret<String>>> {
        let (answers, answered) = oneshot::channel();
        let word = |question: Question| TerminalQuestion { text: question.text, is_shown: question.is_shown };
        let questions = questions.into_iter().map(word).collect();
        self.0.send(Asked { title, questions, answers }).await.ok()?;
        timeout(ANSWER_MAX, answered).await.ok()?.ok()
    }
}
