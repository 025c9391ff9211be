//! Lines as a person types them, beside a server that is running.

use super::*;
use crate::{
    accounts::{self, Passwords},
    store::{NewFactor, Origin, Store, Temp},
    vault::Vault,
};
use clap::{CommandFactory, Parser};
use engine::Secret;
use model::{Role, Scope, Timestamp};

/// Runs a line as a person types it, beside a server that is running; gives what was printed, or why not.
async fn run(temp: &Temp, line: &str, input: &str) -> Result<String, String> {
    let args = Args::try_parse_from(line.split_whitespace()).map_err(|error| error.to_string())?;
    let store = temp.again(Origin::CommandLine).await;
    let (mut input, mut output) = (input.as_bytes(), Vec::new());
    let result = match args.command {
        Some(Command::User(user)) => user::run(user, &store, &mut input, &mut output).await,
        Some(Command::Token(token)) => token::run(token, &store, &mut output).await,
        Some(Command::RotateKey) => rotate_key::run(&store, &keys(temp), &mut output).await,
        Some(Command::VerifyAudit(asked)) => verify_audit::run(asked, &store, &mut output).await,
        Some(Command::Import(args)) => import::run(args, &store, &temp.vault, &mut output).await,
        other => panic!("{other:?}"),
    };
    let output = String::from_utf8(output).unwrap();
    result.map(|()| output.clone()).map_err(|error| format!("{output}{error:#}"))
}

/// The key file as a subcommand opens it.
fn keys(temp: &Temp) -> Vault {
    Vault::open_file(&temp.folder.path().join("secret.key")).unwrap()
}

#[test]
fn the_arguments_make_sense_and_the_help_keeps_the_simulator_to_itself() {
    Args::command().debug_assert();
    let help = Args::command().render_long_help().to_string();
    assert!(help.contains("import") && !help.contains("sim"), "{help}");
}

#[test]
fn no_subcommand_is_allowed_and_flags_become_configuration() {
    assert!(Args::try_parse_from(["routewarden"]).unwrap().command.is_none());
    let line =
        "routewarden serve --listen 0.0.0.0:80 --data-dir /d --trusted-proxy 10.0.0.0/8 --trusted-proxy ::1";
    let flags = Args::try_parse_from(line.split(' ')).unwrap().flags();
    let expected = [("data_dir", "/d"), ("listen", "0.0.0.0:80"), ("trusted_proxy", "10.0.0.0/8,::1")];
    assert_eq!(flags, expected.map(|(name, value)| (name, value.to_owned())));
    for line in
        ["routewarden dance", "routewarden user add x --role king", "routewarden token create --user x"]
    {
        assert!(Args::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}

#[tokio::test]
async fn accounts_are_added_listed_changed_and_removed() {
    let temp = Store::open_temp().await;
    let add = "routewarden user add anna --role admin --password-stdin";
    assert_eq!(run(&temp, add, "correct horse\n").await.unwrap(), "added admin anna\n");
    assert!(run(&temp, add, "correct horse\n").await.unwrap_err().contains("username: is already in use"));
    run(&temp, "routewarden user add vera --role viewer --password-stdin", "correct horse\r\n")
        .await
        .unwrap();
    let list = run(&temp, "routewarden user list", "").await.unwrap();
    assert_eq!(list, "admin   enabled   anna\nviewer  enabled   vera\n");

    let before = temp.users().named("vera").await.unwrap().unwrap().password_hash;
    run(&temp, "routewarden user passwd vera --password-stdin", "better battery").await.unwrap();
    let after = temp.users().named("vera").await.unwrap().unwrap().password_hash;
    assert_ne!(before, after);
    let judge = Passwords::default();
    let secret = engine::Secret::new("better battery".to_owned());
    assert_eq!(format!("{:?}", judge.verify(secret, Some(after)).await), "Ok(Right)");

    let last = run(&temp, "routewarden user remove anna", "").await.unwrap_err();
    assert!(last.contains("last enabled admin"), "{last}");
    assert_eq!(run(&temp, "routewarden user remove vera", "").await.unwrap(), "removed vera\n");
    assert!(
        run(&temp, "routewarden user remove vera", "")
            .await
            .unwrap_err()
            .contains("no account named \"vera\"")
    );
    assert_eq!(temp.users().list().await.unwrap()[0].role, Role::Admin);
}

#[tokio::test]
async fn a_second_factor_is_taken_away_where_there_is_one() {
    let temp = Store::open_temp().await;
    let anna = temp.users().create("anna", Role::Admin, String::new()).await.unwrap();
    let line = "routewarden user remove-second-factor anna";
    assert!(run(&temp, line, "").await.unwrap_err().contains("has no second factor"));
    let secret = Secret::new("JBSWY3DP".to_owned());
    let new = NewFactor { secret: &secret, step: 1, code_hashes: &[] };
    temp.second_factors().add(anna.id, new, "", &temp.vault).await.unwrap();
    assert!(run(&temp, line, "").await.unwrap().contains("password alone"));
    assert_eq!(temp.second_factors().of(anna.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_password_is_asked_for_and_held_against_the_rules() {
    let temp = Store::open_temp().await;
    let add = "routewarden user add anna --role admin --password-stdin";
    for bad in ["", "\n", "short\n", "12345678", "anna-anna", &"x".repeat(257), &"x".repeat(100_000)] {
        assert!(run(&temp, add, bad).await.unwrap_err().starts_with("password: "), "{}", bad.len());
    }
    let without = run(&temp, "routewarden user add anna --role admin", "correct horse\n").await.unwrap_err();
    assert!(without.contains("--password-stdin"), "{without}");
    let name = run(&temp, "routewarden user add a/b --role admin --password-stdin", "correct horse").await;
    assert!(name.unwrap_err().starts_with("username: "));
    assert_eq!(temp.users().list().await.unwrap(), []);
    let long: String = "jeruk Окно 42 ".chars().cycle().take(256).collect();
    run(&temp, add, &long).await.unwrap();
}

#[tokio::test]
async fn a_token_is_alone_on_the_output_and_works() {
    let temp = Store::open_temp().await;
    run(&temp, "routewarden user add anna --role admin --password-stdin", "correct horse").await.unwrap();
    for (scope, expected) in [("", Scope::Read), (" --scope write", Scope::Write)] {
        let line = format!("routewarden token create --user anna --name grafana{scope}");
        let token = run(&temp, &line, "").await.unwrap();
        assert_eq!(token.lines().count(), 1);
        let used = accounts::token::Holders::default()
            .find(&temp.store, token.trim_end(), Timestamp(0))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((used.user.name.as_str(), used.scope), ("anna", expected));
    }
    let nobody = run(&temp, "routewarden token create --user bert --name x", "").await.unwrap_err();
    assert!(nobody.contains("no account named \"bert\""), "{nobody}");
}

#[tokio::test]
async fn an_import_is_told_line_by_line_and_a_running_server_notices_it() {
    let temp = Store::open_temp().await;
    let file = temp.folder.path().join("list.csv");
    std::fs::write(&file, "name,ip_address,device_type\na,192.0.2.1,server\nb,192.0.2.2,server\n").unwrap();
    let line = format!("routewarden import {}", file.display());
    let before = temp.changes().await.unwrap();
    let dry = run(&temp, &format!("{line} --dry-run"), "").await.unwrap();
    assert!(dry.contains("dry run: 2 would be added"), "{dry}");
    assert_eq!(temp.changes().await.unwrap(), before);
    let told = run(&temp, &line, "").await.unwrap();
    assert_eq!(told, "added      a\nadded      b\n2 added, 0 changed, 0 unchanged\n");
    assert_eq!(temp.changes().await.unwrap(), before + 1);
    std::fs::write(&file, "name,ip_address,device_type\nc,192.0.2.1,server\nall,192.0.2.2,server\n").unwrap();
    let refused = run(&temp, &line, "").await.unwrap_err();
    assert!(refused.contains("refused    line 3 all: name: 'all' is reserved"), "{refused}");
    assert!(refused.contains("was not imported"), "{refused}");
    assert_eq!(temp.devices().list().await.unwrap().len(), 2);
    let missing = run(&temp, "routewarden import /nowhere.json", "").await.unwrap_err();
    assert!(missing.contains("/nowhere.json"), "{missing}");
}

#[tokio::test]
async fn a_rotation_tells_what_it_did_and_fails_while_something_does_not_open() {
    let temp = Store::open_temp().await;
    let line = "routewarden rotate-key";
    let old = keys(&temp).key_ids().remove(0);
    let told = run(&temp, line, "").await.unwrap();
    let new = keys(&temp).key_ids().remove(0);
    assert!(
        told.starts_with(&format!("added key {new}\n1 sealed anew so far\ndropped key {old}: ")),
        "{told}"
    );

    // The server looked meanwhile.
    assert_eq!(temp.vault.newest_id().unwrap(), new);
    let file = temp.folder.path().join("secret.key");
    let right = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let wrong = keys(&temp).key_ids();
    let refused = run(&temp, line, "").await.unwrap_err();
    assert!(refused.contains("audit_head 1") && refused.contains(&new), "{refused}");
    assert!(refused.contains("put a missing key back"), "{refused}");
    assert!(!wrong.contains(&new));
    let added = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, right + &added).unwrap();
    let told = run(&temp, line, "").await.unwrap();
    assert!(
        told.starts_with("1 sealed anew so far\n") && told.contains(&format!("dropped key {new}")),
        "{told}"
    );
    assert_eq!(keys(&temp).key_ids().len(), 1);
}

#[tokio::test]
async fn a_head_that_was_kept_is_found_and_one_of_another_length_is_no_alarm() {
    let temp = Store::open_temp().await;
    temp.users().create("anna", Role::Admin, String::new()).await.unwrap();
    let printed = run(&temp, "routewarden verify-audit", "").await.unwrap();
    let head = printed.lines().last().unwrap().strip_prefix("head ").unwrap();
    run(&temp, "routewarden user add vera --role viewer --password-stdin", "correct horse battery")
        .await
        .unwrap();
    for head in [head.to_owned(), head.to_uppercase()] {
        run(&temp, &format!("routewarden verify-audit --since {head}"), "").await.unwrap();
    }
    let mistyped = run(&temp, &format!("routewarden verify-audit --since {head}f"), "").await.unwrap_err();
    assert!(mistyped.contains("--since: a head is a code of 64"), "{mistyped}");
    let other = run(&temp, &format!("routewarden verify-audit --since {}", "0".repeat(64)), "").await;
    assert!(other.unwrap_err().contains("does not reach back"));
}
