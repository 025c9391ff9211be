//! The door of a simulated router: who may come in, and how.

use super::device::Device;
use super::sentence::{Asked, Reply};
use super::{LoginStyle, SimUser};
use md5::{Digest, Md5};
use std::sync::Arc;

const REFUSED: &str = "invalid user name or password (6)";

pub(super) struct Door {
    device: Arc<Device>,
    from: String,
    /// The name of who came in.
    inside: Option<String>,
    challenge: Option<String>,
}

impl Door {
    pub fn new(device: Arc<Device>, from: String) -> Self {
        Self { device, from, inside: None, challenge: None }
    }

    pub fn is_open(&self) -> bool {
        self.inside.is_some()
    }

    /// What the one inside may do.
    pub fn policies(&self) -> &[&'static str] {
        let user = self.inside.as_ref().and_then(|name| self.device.user(name));
        user.map_or(&[], |user| &user.policies)
    }

    /// The answer to a sentence before (or instead of) commands, and whether the router hangs up after it.
    pub fn knock(&mut self, asked: &Asked) -> (Vec<u8>, bool) {
        let mut reply = Reply::to(asked.tag.as_deref(), false);
        if asked.command != "/login" {
            reply.fatal("not logged in");
            return (reply.bytes, true);
        }
        if let Some(bytes) = self.device.next_login_answer() {
            return (bytes, false);
        }
        let wants_challenge = asked.attribute("response").is_none()
            && (self.device.options.login == LoginStyle::Challenge || asked.attribute("password").is_none());
        if wants_challenge {
            let challenge = challenge();
            reply.done_with(&challenge);
            self.challenge = Some(challenge);
            return (reply.bytes, false);
        }
        let name = asked.attribute("name").unwrap_or_default();
        if self.lets_in(name, asked) {
            Device::count(&self.device.logins);
            self.device
                .log("system,info,account", format!("user {name} logged in from {} via api", self.from));
            self.inside = Some(name.into());
            reply.done();
        } else {
            Device::count(&self.device.refused_logins);
            let line = format!("login failure for user {name} from {} via api", self.from);
            self.device.log("system,error,critical", line);
            reply.trap(None, REFUSED);
        }
        (reply.bytes, false)
    }

    fn lets_in(&mut self, name: &str, asked: &Asked) -> bool {
        let device = self.device.clone();
        let Some(user) = device.user(name) else { return false };
        if device.behaviour().refuses_logins || !user.policies.contains(&"api") {
            return false;
        }
        match (device.options.login, asked.attribute("response")) {
            (LoginStyle::Plain, None) => asked.attribute("password") == Some(&user.password),
            // Since 6.43 a challenge is still given, but no response is right.
            (LoginStyle::Plain, Some(_)) => false,
            (LoginStyle::Challenge, response) => {
                response.is_some() && self.expected(user).as_deref() == response
            }
        }
    }

    fn expected(&mut self, user: &SimUser) -> Option<String> {
        let challenge = self.challenge.take()?;
        let mut hash = Md5::new();
        hash.update(b"\0");
        hash.update(&user.password);
        for at in (0..challenge.len()).step_by(2) {
            hash.update([u8::from_str_radix(challenge.get(at..at + 2)?, 16).ok()?]);
        }
        Some(hash.finalize().iter().fold(String::from("00"), |text, byte| text + &format!("{byte:02x}")))
    }
}

fn challenge() -> String {
    let mut bytes = [0; 16];
    // A simulator without randomness is still a simulator.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
