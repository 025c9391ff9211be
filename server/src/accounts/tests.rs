//! The rules about accounts, told as what happens to an admin named Anna.

use super::*;
use crate::store::{Origin, Temp};
use std::collections::HashMap;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 1));
const TWO_WEEKS: Duration = Duration::from_secs(14 * 24 * 3600);
const HOUR_MS: i64 = 3_600_000;

/// An office with an admin `anna` whose password is `correct horse`.
pub(super) struct Office {
    pub temp: Temp,
    pub accounts: Accounts,
    pub anna: User,
}

async fn empty() -> (Temp, Accounts, String) {
    let temp = Store::open_temp().await;
    let code = SetupCode::generate().unwrap();
    let shown = code.to_string();
    let accounts = Accounts::new(temp.store.clone(), temp.vault.clone(), temp.clock.clone(), code, TWO_WEEKS);
    (temp, accounts, shown)
}

pub(super) async fn office() -> Office {
    let (temp, accounts, code) = empty().await;
    let anna = accounts.set_up(asked_to_set_up("anna", &code)).await.unwrap();
    Office { temp, accounts, anna }
}

pub(super) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn asked_to_set_up(name: &str, code: &str) -> SetUp {
    let password = secret("correct horse");
    SetUp { name: name.to_owned(), password, code: code.to_owned(), from: HERE, is_local: false }
}

pub(super) fn login(name: &str, password: &str) -> LogIn {
    LogIn { name: name.to_owned(), password: secret(password), from: HERE, known_browser: None }
}

/// How a call ended, in a word.
pub(super) fn word<T>(result: &Result<T>) -> &'static str {
    match result {
        Ok(_) => "in",
        Err(AccountError::WrongLogin) => "wrong",
        Err(AccountError::WrongSetupCode | AccountError::WrongCode) => "wrong code",
        Err(AccountError::Late) => "late",
        Err(AccountError::TooMany { .. }) => "wait",
        Err(AccountError::Store(StoreError::NotFound)) => "not found",
        Err(AccountError::Store(_)) => "refused",
    }
}

/// A login that needed no code.
pub(super) fn inside(entry: Entry) -> LoggedIn {
    let Entry::In(done) = entry else { panic!("a code is due") };
    done
}

impl Office {
    /// What the web layer does after a login.
    pub async fn open_session(&self, user: UserId) -> Id {
        let expires_at = self.temp.clock.now().0 + 24 * HOUR_MS;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(expires_at / 1000).unwrap();
        let data = HashMap::from([(SESSION_USER.to_owned(), user.0.into())]);
        let mut record = Record { id: Id::default(), data, expiry_date };
        self.accounts.sessions().create(&mut record).await.unwrap();
        record.id
    }

    pub async fn is_in(&self, id: &Id) -> bool {
        let by_user = self.accounts.sessions().holder(id).await.unwrap().is_some();
        assert_eq!(self.accounts.sessions().load(id).await.unwrap().is_some(), by_user);
        assert_eq!(self.accounts.sessions().is_live(SessionKey::of(id)), by_user);
        by_user
    }

    /// What the worker does in life.
    async fn write_notes(&self) {
        self.accounts.waiting.write_rest(&self.temp.store, self.accounts.sessions()).await;
    }

    async fn viewer(&self, name: &str) -> User {
        self.accounts.create_user(name, Role::Viewer, secret("correct horse")).await.unwrap()
    }
}

#[tokio::test]
async fn setting_up_takes_the_code_once_and_is_gone_afterwards() {
    let (temp, accounts, code) = empty().await;
    assert!(accounts.needs_setup().await.unwrap());
    assert_eq!(word(&accounts.set_up(asked_to_set_up("anna", "AAAA-AAAA")).await), "wrong code");
    assert_eq!(word(&accounts.set_up(asked_to_set_up("anna", &code)).await), "wait", "codes are not guessed");
    temp.clock.forward(1000);
    assert_eq!(word(&accounts.set_up(asked_to_set_up("an na", &code)).await), "refused");
    let anna = accounts.set_up(asked_to_set_up("anna", &code)).await.unwrap();
    assert_eq!((anna.role, anna.enabled), (Role::Admin, true));
    assert!(!accounts.needs_setup().await.unwrap());
    assert_eq!(word(&accounts.set_up(asked_to_set_up("mallory", &code)).await), "not found");
    assert_eq!(temp.users().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn this_very_machine_needs_no_code() {
    let (temp, accounts, _) = empty().await;
    let local = SetUp { is_local: true, ..asked_to_set_up("anna", "") };
    let anna = accounts.set_up(local).await.unwrap();
    assert!(temp.users().one(anna.id).await.unwrap().user.last_login_at.is_some(), "setting up logs in");
}

#[tokio::test]
async fn an_admin_added_on_the_command_line_ends_setting_up() {
    let (temp, accounts, code) = empty().await;
    let command_line = temp.again(Origin::CommandLine).await;
    command_line.users().create("carl", Role::Admin, "x".to_owned()).await.unwrap();
    assert!(!accounts.needs_setup().await.unwrap());
    assert_eq!(word(&accounts.set_up(asked_to_set_up("anna", &code)).await), "not found");
}

#[tokio::test]
async fn a_login_says_nothing_about_why_it_failed() {
    let office = office().await;
    let vera = office.viewer("vera").await;
    office.accounts.update_user(vera.id, Role::Viewer, false).await.unwrap();
    for (name, password) in [("anna", "wrong horse"), ("nobody", "correct horse"), ("vera", "correct horse")]
    {
        assert_eq!(word(&office.accounts.log_in(login(name, password)).await), "wrong", "{name}");
        office.temp.clock.forward(HOUR_MS);
    }
    let done = inside(office.accounts.log_in(login("anna", "correct horse")).await.unwrap());
    assert_eq!(done.user.id, office.anna.id);
    let stored = office.temp.users().one(office.anna.id).await.unwrap().user;
    assert_eq!(stored.last_login_at, Some(office.temp.clock.now()));
}

#[tokio::test]
async fn guesses_wait_and_a_browser_that_was_here_before_does_not_wait_for_them() {
    let office = office().await;
    let first = inside(office.accounts.log_in(login("anna", "correct horse")).await.unwrap());
    let known = first.known_browser;
    for address in [ELSEWHERE, HERE] {
        let guess = LogIn { from: address, ..login("anna", "guess") };
        let _ = office.accounts.log_in(guess).await;
    }
    assert_eq!(word(&office.accounts.log_in(login("anna", "correct horse")).await), "wait");
    let owner = |known_browser| LogIn { known_browser, ..login("anna", "correct horse") };
    assert_eq!(word(&office.accounts.log_in(owner(known.clone())).await), "in");
    assert_eq!(word(&office.accounts.log_in(owner(Some("v1.x.y.z".to_owned()))).await), "wait");
    let other_name = LogIn { known_browser: known.clone(), ..login("bert", "guess") };
    assert_eq!(word(&office.accounts.log_in(other_name).await), "wrong");
    assert_eq!(
        word(&office.accounts.log_in(login("bert", "guess")).await),
        "wait",
        "a cookie is for one name only"
    );
    let stolen = LogIn { known_browser: known.clone(), ..login("anna", "guess") };
    assert_eq!(word(&office.accounts.log_in(stolen).await), "wrong");
    assert_eq!(word(&office.accounts.log_in(owner(known)).await), "wait", "it has a bucket of its own");
    office.temp.clock.forward(2000);
    assert_eq!(word(&office.accounts.log_in(login("anna", "correct horse")).await), "in");
}

#[tokio::test]
async fn of_ten_thousand_guesses_an_hour_thirty_are_tried_and_the_owner_still_gets_in() {
    let office = office().await;
    let mut known =
        inside(office.accounts.log_in(login("anna", "correct horse")).await.unwrap()).known_browser;
    let mut tried = 0;
    for guess in 0_u32..10_000 {
        office.temp.clock.forward(360);
        // From a thousand networks.
        let from = format!("10.{}.{}.1", guess / 250 % 4, guess % 250).parse().unwrap();
        match word(&office.accounts.log_in(LogIn { from, ..login("anna", "guess") }).await) {
            "wrong" => tried += 1,
            other => assert_eq!(other, "wait"),
        }
        if guess % 2_500 == 1_250 {
            let owner = LogIn { known_browser: known, ..login("anna", "correct horse") };
            known = inside(office.accounts.log_in(owner).await.unwrap()).known_browser;
        }
    }
    assert!((5..=30).contains(&tried), "{tried} passwords were tried");
}

#[tokio::test]
async fn names_that_nobody_can_have_are_counted_as_one() {
    let office = office().await;
    let guess = |name: &str, from: &str| LogIn { from: from.parse().unwrap(), ..login(name, "guess") };
    let endless = "x".repeat(1 << 20);
    assert_eq!(word(&office.accounts.log_in(guess(&endless, "203.0.113.1")).await), "wrong");
    assert_eq!(word(&office.accounts.log_in(guess("no such name", "198.51.100.1")).await), "wait");
    assert_eq!(word(&office.accounts.log_in(login("anna", "correct horse")).await), "in");
}

#[tokio::test]
async fn a_password_hashed_with_old_parameters_is_hashed_anew_at_login() {
    let office = office().await;
    let old = argon2::Argon2::new(
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        argon2::Params::new(64, 1, 1, None).unwrap(),
    );
    let old = argon2::PasswordHasher::hash_password(&old, b"old horse").unwrap().to_string();
    let user = office.temp.users().create("olga", Role::Viewer, old.clone()).await.unwrap();
    assert_eq!(word(&office.accounts.log_in(login("olga", "old horse")).await), "in");
    let new = office.temp.users().one(user.id).await.unwrap().password_hash;
    assert!(new != old && new.contains("m=12288,t=3"), "{new}");
    assert_eq!(word(&office.accounts.log_in(login("olga", "old horse")).await), "in");
}

#[tokio::test]
async fn a_password_change_ends_every_other_session_at_once() {
    let office = office().await;
    let (mine, other) =
        (office.open_session(office.anna.id).await, office.open_session(office.anna.id).await);
    let keep = SessionKey::of(&mine);
    let change = |old: &str, new: &str| {
        office.accounts.change_password(office.anna.id, secret(old), secret(new), keep)
    };
    assert_eq!(word(&change("wrong horse", "better battery").await), "wrong");
    assert_eq!(word(&change("correct horse", "better battery").await), "wait", "nor is it guessed from here");
    office.temp.clock.forward(1000);
    assert_eq!(word(&change("correct horse", "short").await), "refused");
    assert!(office.is_in(&other).await, "nothing was changed");
    change("correct horse", "better battery").await.unwrap();
    assert!(office.is_in(&mine).await);
    assert!(!office.is_in(&other).await);
    assert_eq!(word(&office.accounts.log_in(login("anna", "better battery")).await), "in");
}

#[tokio::test]
async fn losing_a_right_ends_the_sessions_of_that_person_and_of_nobody_else() {
    let office = office().await;
    let anna = office.open_session(office.anna.id).await;
    for lose in ["role", "admission", "password", "account"] {
        let vera = office.viewer("vera").await;
        let session = office.open_session(vera.id).await;
        assert!(office.is_in(&session).await);
        match lose {
            "role" => drop(office.accounts.update_user(vera.id, Role::Admin, true).await.unwrap()),
            "admission" => drop(office.accounts.update_user(vera.id, Role::Viewer, false).await.unwrap()),
            "password" => office.accounts.set_password(vera.id, secret("another horse")).await.unwrap(),
            _ => office.accounts.remove_user(vera.id).await.unwrap(),
        }
        assert!(!office.is_in(&session).await, "{lose}");
        let _ = office.accounts.remove_user(vera.id).await;
    }
    assert!(office.is_in(&anna).await);
    assert!(matches!(
        office.accounts.remove_user(office.anna.id).await,
        Err(AccountError::Store(StoreError::LastAdmin))
    ));
    assert!(office.is_in(&anna).await);
}

#[tokio::test]
async fn an_update_that_changes_nothing_ends_nothing() {
    let office = office().await;
    let session = office.open_session(office.anna.id).await;
    office.accounts.update_user(office.anna.id, Role::Admin, true).await.unwrap();
    assert!(office.is_in(&session).await);
}

#[tokio::test]
async fn what_the_command_line_ended_ends_here_as_soon_as_it_is_noticed() {
    let office = office().await;
    let vera = office.viewer("vera").await;
    let (anna, session) = (office.open_session(office.anna.id).await, office.open_session(vera.id).await);
    let command_line = office.temp.again(Origin::CommandLine).await;
    command_line.users().set_password(vera.id, "new".to_owned(), None).await.unwrap();
    office.accounts.reload().await.unwrap();
    assert!(office.is_in(&anna).await && !office.is_in(&session).await);
}

#[tokio::test]
async fn a_session_outlives_a_restart_but_neither_its_idleness_nor_two_weeks() {
    let office = office().await;
    let busy = office.open_session(office.anna.id).await;
    let idle = office.open_session(office.anna.id).await;
    let (notes, waiting) = notes::queue();
    let fresh = Sessions::new(office.temp.store.clone(), office.temp.clock.clone(), TWO_WEEKS, notes);
    let mut hours = 0;
    while let Some(mut record) = fresh.load(&busy).await.unwrap() {
        office.temp.clock.forward(HOUR_MS);
        hours += 1;
        record.expiry_date += time::Duration::HOUR;
        fresh.save(&record).await.unwrap();
        waiting.write_rest(&office.temp.store, &fresh).await;
        assert_eq!(fresh.load(&idle).await.unwrap().is_some(), hours < 24, "hour {hours}");
    }
    assert_eq!(hours, 14 * 24);
    fresh.sweep().await.unwrap();
    assert_eq!(office.temp.sessions().all().await.unwrap(), []);
}

#[tokio::test]
async fn a_request_still_being_answered_cannot_bring_an_ended_session_back() {
    let office = office().await;
    let id = office.open_session(office.anna.id).await;
    let mut record = office.accounts.sessions().load(&id).await.unwrap().unwrap();
    office.accounts.sessions().delete(&id).await.unwrap();
    record.data.insert("changed".to_owned(), true.into());
    office.accounts.sessions().save(&record).await.unwrap();
    assert!(!office.is_in(&id).await);
}

#[tokio::test]
async fn the_database_knows_no_session_id_and_no_token() {
    let office = office().await;
    let id = office.open_session(office.anna.id).await;
    let (_, token) = office.accounts.create_token(office.anna.id, "grafana", Scope::Read).await.unwrap();
    let dump = office.temp.dump().await;
    assert!(dump.contains("grafana") && dump.contains("id_hash"), "{dump}");
    assert!(!dump.contains(&id.to_string()) && !dump.contains(token.expose()), "{dump}");
    office.temp.store.close().await.unwrap();
    for entry in std::fs::read_dir(office.temp.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for planted in [id.to_string(), token.expose().clone()] {
            assert!(!bytes.windows(planted.len()).any(|window| window == planted.as_bytes()));
        }
    }
}

#[tokio::test]
async fn known_visitors_stay_known_while_the_database_does_not_answer() {
    let office = office().await;
    let id = office.open_session(office.anna.id).await;
    office.temp.store.close().await.unwrap();
    office.temp.clock.forward(HOUR_MS);
    let record = office.accounts.sessions().load(&id).await.unwrap().unwrap();
    office.accounts.sessions().save(&record).await.unwrap();
    assert!(office.is_in(&id).await);
    let other = office.accounts.sessions().load(&Id::default()).await;
    assert!(other.is_err(), "an unknown one is neither let in nor turned away for good");
    assert!(matches!(
        office.accounts.log_in(login("anna", "correct horse")).await,
        Err(AccountError::Store(StoreError::Unavailable(_)))
    ));
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_ends_the_sessions_it_would_have_ended() {
    let office = office().await;
    let (own, other) = (office.open_session(office.anna.id).await, office.open_session(office.anna.id).await);
    let mut viewers = Vec::new();
    for name in ["vera", "wim", "xia"] {
        let user = office.viewer(name).await;
        viewers.push((office.open_session(user.id).await, user));
    }
    let is_live = |id: &Id| office.accounts.sessions().is_live(SessionKey::of(id));
    office.temp.store.close().await.unwrap();
    let lost = |answer: Result<()>| {
        assert!(matches!(answer, Err(AccountError::Store(StoreError::Unavailable(_)))), "{answer:?}");
    };
    lost(office.accounts.update_user(viewers[0].1.id, Role::Viewer, false).await.map(drop));
    lost(office.accounts.remove_user(viewers[1].1.id).await);
    lost(office.accounts.take_second_factor(viewers[2].1.id).await);
    for (session, user) in &viewers {
        assert!(!is_live(session), "{}", user.name);
    }
    lost(office.accounts.sessions().end_others(&office.anna, SessionKey::of(&own)).await);
    assert!(is_live(&own) && !is_live(&other));
}

#[tokio::test]
async fn a_token_is_shown_once_and_acts_for_its_account_while_that_is_enabled() {
    let office = office().await;
    let vera = office.viewer("vera").await;
    let (row, token) = office.accounts.create_token(vera.id, "grafana", Scope::Write).await.unwrap();
    let token = token.expose().clone();
    assert_eq!(token.len(), 3 + 43);
    assert!(token.starts_with("rw_") && token.starts_with(&row.prefix) && row.prefix.len() < 10);
    let (user, scope) = office.accounts.bearer(&token).await.unwrap().unwrap();
    assert_eq!((user.id, scope), (vera.id, Scope::Write));
    office.write_notes().await;
    let used = office.temp.tokens().list(vera.id).await.unwrap()[0].last_used_at;
    assert_eq!(used, Some(office.temp.clock.now()));
    for wrong in ["", "rw_", &token[3..], &format!("{token}A"), &token.to_lowercase()] {
        assert_eq!(office.accounts.bearer(wrong).await.unwrap(), None, "{wrong:?}");
    }
    office.accounts.update_user(vera.id, Role::Viewer, false).await.unwrap();
    assert_eq!(office.accounts.bearer(&token).await.unwrap(), None);
    office.accounts.update_user(vera.id, Role::Viewer, true).await.unwrap();
    let foreign = office.accounts.remove_token(office.anna.id, row.id).await;
    assert_eq!(word(&foreign), "not found", "somebody else's token");
    office.accounts.remove_token(vera.id, row.id).await.unwrap();
    assert_eq!(office.accounts.bearer(&token).await.unwrap(), None);
}

#[tokio::test]
async fn a_token_needs_a_name_and_an_account_has_only_so_many() {
    let office = office().await;
    for name in ["", " ", "a\nb", &"x".repeat(65)] {
        assert_eq!(word(&office.accounts.create_token(office.anna.id, name, Scope::Read).await), "refused");
    }
    for number in 0..100 {
        office.accounts.create_token(office.anna.id, &number.to_string(), Scope::Read).await.unwrap();
    }
    assert_eq!(word(&office.accounts.create_token(office.anna.id, "one more", Scope::Read).await), "refused");
    let nobody = office.accounts.create_token(UserId(999), "x", Scope::Read).await;
    assert_eq!(word(&nobody), "not found");
}

#[tokio::test]
async fn a_login_that_was_under_way_when_the_account_changed_does_not_stand() {
    let office = office().await;
    for change in ["nothing", "password", "role", "admission", "account"] {
        let vera = office.viewer("vera").await;
        let done = inside(office.accounts.log_in(login("vera", "correct horse")).await.unwrap());
        match change {
            "password" => office.accounts.set_password(vera.id, secret("another horse")).await.unwrap(),
            "role" => drop(office.accounts.update_user(vera.id, Role::Admin, true).await.unwrap()),
            "admission" => drop(office.accounts.update_user(vera.id, Role::Viewer, false).await.unwrap()),
            "account" => office.accounts.remove_user(vera.id).await.unwrap(),
            _ => {}
        }
        let expected = if change == "nothing" { "in" } else { "wrong" };
        assert_eq!(word(&office.accounts.confirm(&done).await), expected, "{change}");
        let _ = office.accounts.remove_user(vera.id).await;
    }
}

#[tokio::test]
async fn a_login_that_hashes_the_password_anew_stands() {
    let office = office().await;
    let params = argon2::Params::new(64, 1, 1, None).unwrap();
    let old = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let old = argon2::PasswordHasher::hash_password(&old, b"old horse").unwrap().to_string();
    office.temp.users().create("olga", Role::Viewer, old).await.unwrap();
    let done = inside(office.accounts.log_in(login("olga", "old horse")).await.unwrap());
    assert_eq!(word(&office.accounts.confirm(&done).await), "in");
}

#[tokio::test]
async fn a_session_that_is_gone_from_the_database_is_forgotten_by_whoever_tries_to_save_it() {
    let office = office().await;
    for is_changed in [true, false] {
        let id = office.open_session(office.anna.id).await;
        let mut record = office.accounts.sessions().load(&id).await.unwrap().unwrap();
        office.temp.sessions().remove(&SessionKey::of(&id).to_string()).await.unwrap();
        if is_changed {
            record.data.insert("changed".to_owned(), true.into());
        }
        office.temp.clock.forward(HOUR_MS);
        office.accounts.sessions().save(&record).await.unwrap();
        office.write_notes().await;
        assert!(!office.is_in(&id).await, "changed: {is_changed}");
    }
}

#[tokio::test]
async fn a_visit_is_true_at_once_and_written_down_later() {
    let office = office().await;
    let id = office.open_session(office.anna.id).await;
    let seen = async || office.temp.sessions().all().await.unwrap()[0].seen_at;
    let before = seen().await;
    office.temp.clock.forward(HOUR_MS);
    let record = office.accounts.sessions().load(&id).await.unwrap().unwrap();
    office.accounts.sessions().save(&record).await.unwrap();
    assert_eq!(seen().await, before, "nobody waits for it");
    office.write_notes().await;
    assert_eq!(seen().await, office.temp.clock.now());
}

#[tokio::test]
async fn a_name_that_no_account_can_have_is_judged_like_an_unknown_one_without_a_look() {
    let office = office().await;
    office.temp.store.close().await.unwrap();
    assert_eq!(word(&office.accounts.log_in(login("anna\0", "correct horse")).await), "wrong");
}

#[tokio::test]
async fn a_role_changed_in_the_database_alone_is_not_kept_in_memory() {
    let office = office().await;
    let vera = office.accounts.create_user("vera", Role::Admin, secret("correct horse")).await.unwrap();
    let session = office.open_session(vera.id).await;
    office.temp.users().update(vera.id, Role::Viewer, true).await.unwrap();
    assert!(office.is_in(&session).await, "nobody has noticed yet");
    office.accounts.update_user(vera.id, Role::Viewer, true).await.unwrap();
    assert!(!office.is_in(&session).await);
}
