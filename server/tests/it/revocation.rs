//! Whatever takes a right away takes it within a second, from the next request and from open sockets alike.

use crate::{
    fixture::{ADMIN, App, Client, Hands, LiveSocket, PASSWORD, Phone},
    sessions::others,
};
use server::cli;
use std::time::Duration;

/// A second, and some time to get here.
const SOON: Duration = Duration::from_secs(2);

/// Somebody who is logged in twice, and an admin.
struct Stage<'a> {
    app: &'a App,
    clock: &'a Hands,
    admin: &'a Client,
    name: &'static str,
    id: String,
    /// The browser that is to lose its right.
    here: Client,
    elsewhere: Client,
}

impl Stage<'_> {
    /// The same person, with a second factor: the browsers are logged in by it.
    async fn with_phone(&mut self) -> Phone {
        let phone = Phone::take(&self.elsewhere, self.clock).await;
        self.here = self.app.anonymous();
        phone.log_in(&self.here, self.name, self.clock).await;
        phone
    }

    async fn lose(&mut self, how: &str, phone: Option<&Phone>) {
        let code = phone.map(|phone| phone.code(self.clock)).unwrap_or_default();
        let id = self.id.as_str();
        let new = "a quite different password";
        let (client, function, form): (&Client, &str, Vec<(&str, &str)>) = match how {
            "logout" => (&self.here, "log_out", vec![]),
            "password change" => (&self.elsewhere, "change_password", vec![("old", PASSWORD), ("new", new)]),
            "password reset" => (self.admin, "set_user_password", vec![("id", id), ("password", new)]),
            "disabling" => {
                (self.admin, "update_user", vec![("id", id), ("role", "admin"), ("enabled", "false")])
            }
            "role change" => {
                (self.admin, "update_user", vec![("id", id), ("role", "viewer"), ("enabled", "true")])
            }
            "removal" => (self.admin, "remove_user", vec![("id", id)]),
            "end of the others" => (&self.elsewhere, "end_other_sessions", vec![]),
            "second factor taken" => (self.admin, "take_second_factor", vec![("id", id)]),
            "second factor dropped" => {
                (&self.elsewhere, "drop_second_factor", vec![("password", PASSWORD), ("code", &code)])
            }
            "end of the session" => {
                for name in others(&self.elsewhere).await {
                    self.elsewhere.call("end_session", &[("name", &name)]).await.accepted();
                }
                return;
            }
            "second factor on" => return drop(Phone::take(&self.elsewhere, self.clock).await),
            "second factor taken by the command line" => {
                let (_, store) = self.app.command_line().await;
                let gone = cli::user::User::RemoveSecondFactor { name: self.name.to_owned() };
                return cli::user::run(gone, &store, &mut std::io::empty(), &mut Vec::new()).await.unwrap();
            }
            other => panic!("{other}?"),
        };
        client.call(function, &form).await.accepted();
    }
}

#[tokio::test]
async fn every_loss_ends_the_cookie_and_the_socket_within_a_second_and_nobody_else_s() {
    let (app, clock) = App::at_standstill().await;
    app.with_accounts().await;
    let admin = app.admin().await;
    let mut of_admin = LiveSocket::greeted(&admin).await;
    of_admin.snapshot().await;
    for (how, name, has_phone) in [
        ("logout", "anna", false),
        ("password change", "bert", false),
        ("password reset", "carl", false),
        ("disabling", "dora", false),
        ("role change", "emil", false),
        ("removal", "fred", false),
        ("end of the session", "gina", false),
        ("end of the others", "hans", false),
        ("second factor on", "iris", false),
        ("second factor taken", "jens", true),
        ("second factor dropped", "kira", true),
        ("second factor taken by the command line", "lars", true),
    ] {
        let form = [("name", name), ("role", "admin"), ("password", PASSWORD)];
        let id = admin.call("create_user", &form).await.accepted().json()["id"].to_string();
        let (here, elsewhere) = (app.logged_in(name).await, app.logged_in(name).await);
        let mut stage = Stage { app: &app, clock: &clock, admin: &admin, name, id, here, elsewhere };
        let phone = if has_phone { Some(stage.with_phone().await) } else { None };
        let mut socket = LiveSocket::greeted(&stage.here).await;
        socket.snapshot().await;

        stage.lose(how, phone.as_ref()).await;

        let bye = tokio::time::timeout(SOON, socket.bye()).await;
        assert_eq!(bye.expect(how).as_deref(), Some("the session ended"), "{how}");
        stage.here.get("/api/status").await.has_status(401);
    }
    admin.get("/api/status").await.accepted();
    LiveSocket::greeted(&admin).await.snapshot().await;
    let name = ADMIN;
    let still = tokio::time::timeout(Duration::from_millis(50), of_admin.bye()).await;
    assert!(still.is_err(), "{name} lost nothing");
}
