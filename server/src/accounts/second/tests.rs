//! The second factor, told as what happens to an admin named Anna.

use super::*;
use crate::accounts::{
    Entry, LogIn, LoggedIn,
    tests::{Office, inside, login, office, secret, word},
};
use engine::Clock;
use model::Role;
use totp_rs::Totp;

const STEP_MS: i64 = 30_000;

/// Anna's phone.
struct Phone {
    totp: Totp,
    recovery_codes: Vec<String>,
}

impl Office {
    fn code(&self, phone: &Phone) -> String {
        phone.totp.generate(self.temp.clock.now().0.unsigned_abs() / 1000).to_string()
    }

    /// Switches Anna's second factor on.
    async fn with_phone(&self) -> Phone {
        let keep = SessionKey::of(&self.open_session(self.anna.id).await);
        let offer = self.accounts.offer_second_factor(&self.anna).unwrap();
        let mut phone = Phone { totp: Totp::from_url(&offer.address).unwrap(), recovery_codes: Vec::new() };
        let code = self.code(&phone);
        let accepted = self.accounts.accept_second_factor(&self.anna, offer.sealed, &code, keep).await;
        phone.recovery_codes = accepted.unwrap();
        self.temp.clock.forward(STEP_MS);
        phone
    }

    /// The word that a right password gives.
    async fn half(&self) -> String {
        match self.accounts.log_in(login("anna", "correct horse")).await.unwrap() {
            Entry::Half(word) => word.expose().clone(),
            Entry::In(_) => panic!("no code was asked for"),
        }
    }

    async fn enter(&self, code: &str) -> Result<LoggedIn> {
        let half = self.half().await;
        self.accounts.enter_code(&half, code).await
    }
}

#[tokio::test]
async fn a_right_password_lets_nobody_in_without_a_code() {
    let office = office().await;
    assert_eq!(
        inside(office.accounts.log_in(login("anna", "correct horse")).await.unwrap()).user.name,
        "anna"
    );
    let phone = office.with_phone().await;
    let half = office.half().await;
    assert_eq!(office.accounts.half_in(&half).unwrap().name, "anna");
    let done = office.accounts.enter_code(&half, &office.code(&phone)).await.unwrap();
    assert_eq!(done.user.id, office.anna.id);
    office.accounts.confirm(&done).await.unwrap();
    assert_eq!(word(&office.accounts.enter_code(&half, "000000").await), "late", "it lets in once");
    assert_eq!(word(&office.accounts.log_in(login("anna", "wrong horse")).await), "wrong");
}

#[tokio::test]
async fn an_offer_counts_once_its_code_was_shown_and_for_its_own_account_only() {
    let office = office().await;
    let keep = SessionKey::of(&office.open_session(office.anna.id).await);
    let offer = office.accounts.offer_second_factor(&office.anna).unwrap();
    let phone = Phone { totp: Totp::from_url(&offer.address).unwrap(), recovery_codes: Vec::new() };
    let (user, sealed) = (office.anna.clone(), offer.sealed.clone());
    let wrong = office.accounts.accept_second_factor(&user, sealed.clone(), "000000", keep).await;
    assert_eq!(word(&wrong), "wrong code");
    inside(office.accounts.log_in(login("anna", "correct horse")).await.unwrap());
    let throttled = office.accounts.accept_second_factor(&user, sealed.clone(), "000000", keep).await;
    assert_eq!(word(&throttled), "wait");
    office.temp.clock.forward(STEP_MS);
    let vera = User { id: UserId(999), ..user.clone() };
    let code = office.code(&phone);
    let foreign = office.accounts.accept_second_factor(&vera, sealed.clone(), &code, keep).await;
    assert_eq!(word(&foreign), "late");
    office.accounts.accept_second_factor(&user, sealed.clone(), &code, keep).await.unwrap();
    office.temp.clock.forward(STEP_MS);
    let twice = office.accounts.accept_second_factor(&user, sealed, &office.code(&phone), keep).await;
    assert_eq!(word(&twice), "refused", "it is on already");

    let offer = office.accounts.offer_second_factor(&office.anna).unwrap();
    office.temp.clock.forward(3_600_000);
    let late = office.accounts.accept_second_factor(&user, offer.sealed, "000000", keep).await;
    assert_eq!(word(&late), "late");
}

#[tokio::test]
async fn a_code_opens_once_and_takes_those_before_it_along() {
    let office = office().await;
    let phone = office.with_phone().await;
    let early = office.code(&phone);
    office.temp.clock.forward(STEP_MS);
    let code = office.code(&phone);
    assert_eq!(word(&office.enter(&code).await), "in");
    assert_eq!(word(&office.enter(&code).await), "wrong code", "read over the shoulder");
    office.temp.clock.forward(1000);
    assert_eq!(word(&office.enter(&early).await), "wrong code", "the one before it");
    office.temp.clock.forward(STEP_MS);
    assert_eq!(word(&office.enter(&office.code(&phone)).await), "in");
}

#[tokio::test]
async fn the_code_that_switched_it_on_opens_nothing() {
    let office = office().await;
    let phone = office.with_phone().await;
    office.temp.clock.forward(-STEP_MS);
    assert_eq!(word(&office.enter(&office.code(&phone)).await), "wrong code");
}

#[tokio::test]
async fn of_two_who_show_the_same_code_at_the_same_moment_one_gets_in() {
    let office = office().await;
    let phone = office.with_phone().await;
    let (one, other) = (office.half().await, office.half().await);
    let code = office.code(&phone);
    let entered =
        tokio::join!(office.accounts.enter_code(&one, &code), office.accounts.enter_code(&other, &code));
    let mut seen = [word(&entered.0), word(&entered.1)];
    seen.sort_unstable();
    assert_eq!(seen, ["in", "wrong code"]);
}

#[tokio::test]
async fn a_recovery_code_opens_once_however_it_is_typed() {
    let office = office().await;
    let phone = office.with_phone().await;
    assert_eq!(phone.recovery_codes.len(), 10);
    let typed = phone.recovery_codes[3].to_lowercase().replace('-', " ");
    assert_eq!(word(&office.enter(&typed).await), "in");
    assert_eq!(word(&office.enter(&phone.recovery_codes[3]).await), "wrong code");
    let factor = office.accounts.second_factor(office.anna.id).await.unwrap().unwrap();
    assert_eq!(factor.codes_left, 9);
    office.temp.clock.forward(STEP_MS);
    let new = office.accounts.renew_recovery_codes(office.anna.id).await.unwrap();
    assert_eq!(word(&office.enter(&phone.recovery_codes[4]).await), "wrong code", "replaced");
    office.temp.clock.forward(STEP_MS);
    assert_eq!(word(&office.enter(&new[4]).await), "in");
}

#[tokio::test]
async fn guesses_of_the_code_wait_like_guesses_of_the_password_and_the_password_does_not_free_them() {
    let office = office().await;
    let phone = office.with_phone().await;
    let half = office.half().await;
    assert_eq!(word(&office.accounts.enter_code(&half, "000000").await), "wrong code");
    assert_eq!(word(&office.accounts.enter_code(&half, "000001").await), "wait");
    assert_eq!(word(&office.accounts.log_in(login("anna", "correct horse")).await), "wait");
    let mut waits = Vec::new();
    for _ in 0..6 {
        let refused = office.accounts.enter_code(&half, "000000").await;
        let Err(AccountError::TooMany { retry_after_s }) = refused else { panic!("not throttled") };
        waits.push(retry_after_s);
        office.temp.clock.forward(i64::try_from(retry_after_s).unwrap() * 1000);
        // The right password in between makes nothing forgotten.
        let half = office.half().await;
        assert_eq!(word(&office.accounts.enter_code(&half, "000000").await), "wrong code");
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32]);
    office.temp.clock.forward(64_000);
    assert_eq!(word(&office.enter(&office.code(&phone)).await), "in");
}

#[tokio::test]
async fn codes_of_one_s_own_offers_free_no_guesses_of_the_password() {
    let office = office().await;
    let phone = office.with_phone().await;
    let keep = SessionKey::of(&office.open_session(office.anna.id).await);
    let (mut waits, mut new) = (Vec::new(), 0);
    for _ in 0..5 {
        new += 1;
        let (old, new) = (secret("wrong horse"), secret(&format!("better horse {new}")));
        assert_eq!(word(&office.accounts.change_password(office.anna.id, old, new, keep).await), "wrong");
        let offer = office.accounts.offer_second_factor(&office.anna).unwrap();
        let offered = Phone { totp: Totp::from_url(&offer.address).unwrap(), recovery_codes: Vec::new() };
        let code = office.code(&offered);
        let accepted = office.accounts.accept_second_factor(&office.anna, offer.sealed, &code, keep).await;
        assert_eq!(word(&accepted), "refused", "it is on already");
        let again = office.accounts.confirm_password(office.anna.id, secret("wrong horse"), keep).await;
        let Err(AccountError::TooMany { retry_after_s }) = again else { panic!("not throttled") };
        waits.push(retry_after_s);
        office.temp.clock.forward(i64::try_from(retry_after_s).unwrap() * 1000);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16]);
    let code = office.code(&phone);
    let dropped =
        office.accounts.drop_second_factor(&office.anna, secret("correct horse"), &code, keep).await;
    dropped.unwrap();
}

#[tokio::test]
async fn the_right_password_frees_no_guesses_of_the_code() {
    let office = office().await;
    office.with_phone().await;
    let keep = SessionKey::of(&office.open_session(office.anna.id).await);
    let mut waits = Vec::new();
    for _ in 0..5 {
        let drop =
            || office.accounts.drop_second_factor(&office.anna, secret("correct horse"), "000000", keep);
        assert_eq!(word(&drop().await), "wrong code");
        let Err(AccountError::TooMany { retry_after_s }) = drop().await else { panic!("not throttled") };
        waits.push(retry_after_s);
        office.temp.clock.forward(i64::try_from(retry_after_s).unwrap() * 1000);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16]);
}

#[tokio::test]
async fn a_known_browser_s_guesses_of_the_code_are_its_own() {
    let office = office().await;
    let phone = office.with_phone().await;
    let known_browser = office.enter(&office.code(&phone)).await.unwrap().known_browser;
    let half = office.half().await;
    let _ = office.accounts.enter_code(&half, "000000").await;
    let owner = LogIn { known_browser, ..login("anna", "correct horse") };
    let Entry::Half(half) = office.accounts.log_in(owner).await.unwrap() else { panic!("no code") };
    office.temp.clock.forward(STEP_MS);
    let entered = office.accounts.enter_code(half.expose(), &office.code(&phone)).await;
    assert_eq!(word(&entered), "in");
}

#[tokio::test]
async fn a_login_waits_five_minutes_for_its_code() {
    let office = office().await;
    let phone = office.with_phone().await;
    let half = office.half().await;
    office.temp.clock.forward(299_999);
    assert!(office.accounts.half_in(&half).is_some());
    office.temp.clock.forward(1);
    assert_eq!(word(&office.accounts.enter_code(&half, &office.code(&phone)).await), "late");
    let given_up = office.half().await;
    office.accounts.give_up(&given_up);
    assert_eq!(word(&office.accounts.enter_code(&given_up, &office.code(&phone)).await), "late");
    assert_eq!(word(&office.accounts.enter_code("", &office.code(&phone)).await), "late");
}

#[tokio::test]
async fn whoever_begins_many_logins_ends_the_oldest_of_the_same_account() {
    let office = office().await;
    let phone = office.with_phone().await;
    let first = office.half().await;
    let mut last = String::new();
    for _ in 0..16 {
        office.temp.clock.forward(1);
        last = office.half().await;
    }
    assert_eq!(word(&office.accounts.enter_code(&first, &office.code(&phone)).await), "late");
    assert_eq!(word(&office.accounts.enter_code(&last, &office.code(&phone)).await), "in");
}

#[tokio::test]
async fn what_changes_between_password_and_code_undoes_the_login() {
    for change in ["nothing", "password", "admission", "second factor"] {
        let office = office().await;
        office.accounts.create_user("root", Role::Admin, secret("correct horse")).await.unwrap();
        let phone = office.with_phone().await;
        let half = office.half().await;
        match change {
            "password" => {
                office.accounts.set_password(office.anna.id, secret("another horse")).await.unwrap()
            }
            "admission" => {
                drop(office.accounts.update_user(office.anna.id, Role::Admin, false).await.unwrap())
            }
            "second factor" => office.accounts.take_second_factor(office.anna.id).await.unwrap(),
            _ => {}
        }
        let entered = match office.accounts.enter_code(&half, &office.code(&phone)).await {
            Ok(done) => word(&office.accounts.confirm(&done).await),
            Err(error) => word::<()>(&Err(error)),
        };
        assert_eq!(entered == "in", change == "nothing", "{change}: {entered}");
    }
}

#[tokio::test]
async fn a_login_without_a_code_does_not_stand_once_one_is_due() {
    let office = office().await;
    let done = inside(office.accounts.log_in(login("anna", "correct horse")).await.unwrap());
    office.with_phone().await;
    assert_eq!(word(&office.accounts.confirm(&done).await), "wrong");
}

#[tokio::test]
async fn switching_on_and_off_ends_every_other_session() {
    let office = office().await;
    let before = office.open_session(office.anna.id).await;
    let phone = office.with_phone().await;
    assert!(!office.is_in(&before).await);
    let (mine, other) =
        (office.open_session(office.anna.id).await, office.open_session(office.anna.id).await);
    let keep = SessionKey::of(&mine);
    let drop_it = |password: &str, code: String| {
        let password = secret(password);
        let office = &office;
        async move { office.accounts.drop_second_factor(&office.anna, password, &code, keep).await }
    };
    assert_eq!(word(&drop_it("wrong horse", office.code(&phone)).await), "wrong");
    office.temp.clock.forward(STEP_MS);
    assert_eq!(word(&drop_it("correct horse", "000000".to_owned()).await), "wrong code");
    office.temp.clock.forward(STEP_MS);
    assert!(office.is_in(&other).await, "nothing was changed");
    drop_it("correct horse", office.code(&phone)).await.unwrap();
    assert!(office.is_in(&mine).await && !office.is_in(&other).await);
    inside(office.accounts.log_in(login("anna", "correct horse")).await.unwrap());
}

#[tokio::test]
async fn the_database_knows_neither_the_secret_nor_a_recovery_code() {
    let office = office().await;
    let phone = office.with_phone().await;
    assert!(office.temp.store.sealed().is_any().await.unwrap());
    let dump = office.temp.dump().await;
    let secret = phone.totp.secret().to_base32();
    assert!(dump.contains("recovery_codes"), "{dump}");
    for planted in phone.recovery_codes.iter().chain([&secret]) {
        assert!(!dump.contains(planted) && !dump.contains(&totp::tidy(planted)), "{planted} in {dump}");
    }
}
