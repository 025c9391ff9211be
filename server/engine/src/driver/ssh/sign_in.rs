//! Saying who we are: with the key first, then the password, then by answering what the device asks.

use super::{
    Connection, STEP_MAX, SshError, Step, algorithms, cause::tamed, connect::in_time, key::read_key,
};
use crate::Secret;
use russh::{
    MethodKind, MethodSet,
    client::{AuthResult, KeyboardInteractiveAuthResponse as Interaction, Prompt},
    keys::PrivateKeyWithHashAlg,
};
use std::sync::Arc;

/// Most rounds of questions of one login, and most questions in one.
const ROUNDS_MAX: usize = 8;
const QUESTIONS_MAX: usize = 8;
const QUESTION_CHARS_MAX: usize = 300;

/// A login in the open, on its way to a device.
#[derive(Clone, Debug)]
pub struct SshLogin {
    pub username: String,
    pub password: Option<Secret<String>>,
    pub private_key: Option<Secret<String>>,
}

/// What a device wants to know. Its words are tamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub text: String,
    /// Whether the answer may be seen while it is typed.
    pub is_shown: bool,
}

/// Somebody who can answer what a device asks.
pub trait Asker: Send {
    /// The answers in the order of the questions, or `None` when nobody will answer.
    fn ask(
        &mut self,
        title: String,
        questions: Vec<Question>,
    ) -> impl Future<Output = Option<Vec<Secret<String>>>> + Send;
}

/// For logins that must do with what is stored.
pub struct NobodyToAsk;

impl Asker for NobodyToAsk {
    async fn ask(&mut self, _: String, _: Vec<Question>) -> Option<Vec<Secret<String>>> {
        None
    }
}

/// What became of one way to sign in.
enum Tried {
    In,
    /// Other ways that the device still takes.
    Refused(MethodSet),
}

impl Connection {
    /// Signs in with what `login` has. May be called again with another one after [`SshError::LoginRefused`], as long
    /// as the device stays.
    pub async fn sign_in(&mut self, login: &SshLogin, asker: &mut impl Asker) -> Result<(), SshError> {
        let key = login.private_key.as_ref().map(read_key).transpose()?.map(Arc::new);
        let none = self.handle.authenticate_none(login.username.as_str());
        let answer = in_time(Step::SignIn, STEP_MAX, none).await?;
        let mut is_too_old = false;
        let mut left = match self.outcome(answer)? {
            Tried::In => return self.admit(),
            Tried::Refused(left) => left,
        };
        if let Some(key) = key
            && left.contains(&MethodKind::PublicKey)
        {
            match self.by_key(login, &key).await? {
                Some(Tried::In) => return self.admit(),
                Some(Tried::Refused(others)) => left = others,
                None => is_too_old = true,
            }
        }
        // What was refused, or is accepted already, is no answer to a question.
        let mut unused = login.password.clone();
        if let Some(password) = &login.password
            && left.contains(&MethodKind::Password)
        {
            unused = None;
            let (name, password) = (login.username.as_str(), password.expose().as_str());
            let trying = self.handle.authenticate_password(name, password);
            let answer = in_time(Step::SignIn, STEP_MAX, trying).await?;
            match self.outcome(answer)? {
                Tried::In => return self.admit(),
                Tried::Refused(others) => left = others,
            }
        }
        if left.contains(&MethodKind::KeyboardInteractive)
            && let Tried::In = self.by_answers(&login.username, unused, asker).await?
        {
            return self.admit();
        }
        if is_too_old {
            return Err(SshError::NoCommonAlgorithm { needs: "signature ssh-rsa".to_owned() });
        }
        Err(self.end(SshError::LoginRefused))
    }

    /// `None` where no signature of ours is one that the device takes.
    async fn by_key(
        &mut self,
        login: &SshLogin,
        key: &Arc<russh::keys::PrivateKey>,
    ) -> Result<Option<Tried>, SshError> {
        let mut hashes = vec![None];
        if key.algorithm().is_rsa() {
            let best = in_time(Step::SignIn, STEP_MAX, self.handle.best_supported_rsa_hash()).await?;
            hashes = match best.map_err(|error| self.end(error.into()))? {
                Some(best) => vec![best],
                None => vec![algorithms::RSA_HASH],
            };
            // SHA-1 signatures are for devices that know nothing better.
            hashes.retain(|hash| hash.is_some() || self.has_legacy);
            if self.has_legacy && !hashes.contains(&None) {
                hashes.push(None);
            }
        }
        let mut tried = None;
        for hash in hashes {
            let key = PrivateKeyWithHashAlg::new(key.clone(), hash);
            let trying = self.handle.authenticate_publickey(login.username.as_str(), key);
            let answer = in_time(Step::SignIn, STEP_MAX, trying).await?;
            tried = Some(self.outcome(answer)?);
            if let Some(Tried::In) = tried {
                break;
            }
        }
        Ok(tried)
    }

    async fn by_answers(
        &mut self,
        username: &str,
        mut unused: Option<Secret<String>>,
        asker: &mut impl Asker,
    ) -> Result<Tried, SshError> {
        let starting = self.handle.authenticate_keyboard_interactive_start(username, None::<String>);
        let mut now = in_time(Step::SignIn, STEP_MAX, starting).await?;
        for _ in 0..ROUNDS_MAX {
            let (name, instructions, prompts) = match now.map_err(|error| self.end(error.into()))? {
                Interaction::Success => return Ok(Tried::In),
                Interaction::Failure { remaining_methods, .. } => {
                    return Ok(Tried::Refused(remaining_methods));
                }
                Interaction::InfoRequest { name, instructions, prompts } => (name, instructions, prompts),
            };
            if prompts.len() > QUESTIONS_MAX {
                return Err(SshError::Violation("it asks too many questions at once".to_owned()));
            }
            let answers = match (prompts.as_slice(), unused.is_some()) {
                ([], _) => Vec::new(),
                // The stored password is for the question after a password, once; a code is not in it.
                ([prompt], true) if is_for_password(prompt) => unused.take().into_iter().collect(),
                _ => {
                    let title =
                        format!("{} {}", tamed(&name, 100), tamed(&instructions, 500)).trim().to_owned();
                    let questions = prompts.iter().map(question).collect();
                    let Some(answers) = asker.ask(title, questions).await else {
                        return Ok(Tried::Refused(MethodSet::empty()));
                    };
                    answers
                }
            };
            if answers.len() != prompts.len() {
                return Ok(Tried::Refused(MethodSet::empty()));
            }
            let answers = answers.iter().map(|answer| answer.expose().clone()).collect();
            let answering = self.handle.authenticate_keyboard_interactive_respond(answers);
            now = in_time(Step::SignIn, STEP_MAX, answering).await?;
        }
        Err(SshError::Violation("it does not stop asking".to_owned()))
    }

    fn outcome(&self, result: Result<AuthResult, russh::Error>) -> Result<Tried, SshError> {
        match result.map_err(|error| self.end(error.into()))? {
            AuthResult::Success => Ok(Tried::In),
            // Also what the library says when the connection is gone.
            AuthResult::Failure { remaining_methods, .. } if remaining_methods.is_empty() => {
                Err(self.end(SshError::LoginRefused))
            }
            AuthResult::Failure { remaining_methods, .. } => Ok(Tried::Refused(remaining_methods)),
        }
    }

    fn admit(&self) -> Result<(), SshError> {
        self.allowance.admit();
        Ok(())
    }
}

/// Whether the stored password is asked for, and not one that is good once or is to be made up.
fn is_for_password(prompt: &Prompt) -> bool {
    let text = prompt.prompt.to_lowercase();
    let is_other = ["one-time", "one time", "onetime", "otp", "new", "code", "token", "again", "retype"];
    !prompt.echo && text.contains("password") && !is_other.iter().any(|word| text.contains(word))
}

fn question(prompt: &Prompt) -> Question {
    Question { text: tamed(&prompt.prompt, QUESTION_CHARS_MAX), is_shown: prompt.echo }
}
