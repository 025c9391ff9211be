//! A second factor: offered, accepted, and logged in with.

use super::{Ears, cookie, hunt::Hunt};
use crate::fixture::{Client, VIEWER};
use totp_rs::Totp;

/// What an offer shows to its owner.
pub const SECRET: &str = "the secret of a second factor";
pub const PICTURE: &str = "the same as a picture";
/// What its acceptance shows.
pub const CODE: &str = "a recovery code";

const HALF_IN: &str = "the word of a half login";

/// Switches the viewer's on and logs in with a code on paper, which opens once.
pub(super) async fn take(viewer: &Client, password: &str, hunt: &mut Hunt, ears: &mut Ears) {
    let codes = switch_on(viewer, hunt, ears).await;
    let client = Client::new(&viewer.base);
    let login = [("name", VIEWER), ("password", password)];
    let paper = [("code", codes[0].as_str())];
    ears.call(&client, "log_in", &login).await.accepted();
    hunt.plant(HALF_IN, cookie(&client, "half_in"));
    ears.answer("GET /login with half a login", &client.visit("/login").await.accepted());
    ears.call(&client, "enter_code", &paper).await.accepted();
    hunt.plant("a session that began with a code", cookie(&client, "__Host-sid"));
    hunt.plant("a browser known by a code", cookie(&client, "known"));
    ears.call(&client, "log_in", &login).await.accepted();
    hunt.plant(HALF_IN, cookie(&client, "half_in"));
    ears.call(&client, "enter_code", &paper).await.has_status(400);
    for page in ["/", "/account"] {
        ears.answer(&format!("GET {page} with a second factor"), &viewer.visit(page).await.accepted());
    }
    for function in ["load_second_factor", "load_sessions", "load_tokens"] {
        ears.call(viewer, function, &[]).await.accepted();
    }
}

/// The codes on paper.
async fn switch_on(viewer: &Client, hunt: &mut Hunt, ears: &mut Ears) -> Vec<String> {
    let offer = ears.call(viewer, "offer_second_factor", &[]).await.accepted().json();
    let [secret, address, sealed] = ["secret", "address", "sealed"].map(|name| offer[name].as_str().unwrap());
    hunt.plant(SECRET, secret);
    hunt.plant(PICTURE, offer["picture"]["path"].as_str().unwrap());
    let code = Totp::from_url(address).unwrap().generate_current().to_string();
    let form = [("sealed", sealed), ("code", code.as_str())];
    let codes = ears.call(viewer, "accept_second_factor", &form).await.accepted().json();
    let codes: Vec<String> = serde_json::from_value(codes).unwrap();
    assert_eq!(codes.len(), 10);
    for code in &codes {
        hunt.plant(CODE, code);
        // As it is compared.
        hunt.plant(CODE, code.replace('-', ""));
    }
    codes
}
