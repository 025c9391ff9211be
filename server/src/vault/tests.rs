//! What the vault opens, and everything it refuses to.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;
use tempfile::TempDir;

const PLACE: Place<'_> = Place { table: "credentials", column: "sealed", row: "7/routeros" };

fn vault() -> (Vault, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Vault::open_file(&folder.path().join("secret.key")).unwrap(), folder)
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn parts(sealed: &Sealed) -> Vec<String> {
    sealed.0.split('.').map(str::to_owned).collect()
}

#[test]
fn what_was_sealed_opens_in_its_place_and_never_looks_the_same_twice() {
    let (vault, _folder) = vault();
    let once = vault.seal(PLACE, &secret("hunter2")).unwrap();
    let twice = vault.seal(PLACE, &secret("hunter2")).unwrap();
    assert_ne!(once, twice);
    assert!(!once.0.contains("hunter2"));
    assert_eq!(vault.open(PLACE, &once).unwrap().expose(), "hunter2");
    assert_eq!(parts(&once)[0], "v1");
    assert_eq!(parts(&once).len(), 4);
}

#[test]
fn a_blob_moved_to_another_table_column_or_row_is_refused() {
    let (vault, _folder) = vault();
    let sealed = vault.seal(PLACE, &secret("hunter2")).unwrap();
    for place in [
        Place { table: "channels", ..PLACE },
        Place { column: "pinned", ..PLACE },
        Place { row: "8/routeros", ..PLACE },
        Place { row: "", ..PLACE },
    ] {
        assert!(matches!(vault.open(place, &sealed), Err(VaultError::Forged)), "{place:?}");
    }
}

#[test]
fn every_single_flipped_bit_is_refused() {
    let (vault, _folder) = vault();
    let sealed = vault.seal(PLACE, &secret("correct horse battery staple")).unwrap();
    let whole = parts(&sealed);
    let mut tried = 0;
    for part in [2, 3] {
        let bytes = URL_SAFE_NO_PAD.decode(&whole[part]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut forged = whole.clone();
            forged[part] = URL_SAFE_NO_PAD.encode(bytes);
            assert!(matches!(vault.open(PLACE, &Sealed(forged.join("."))), Err(VaultError::Forged)));
            tried += 1;
        }
    }
    assert_eq!(tried, 8 * (12 + 28 + 16));
}

#[test]
fn a_key_id_swapped_for_that_of_another_known_key_is_refused() {
    let (_, folder) = vault();
    let file = folder.path().join("secret.key");
    let other = folder.path().join("other.key");
    Vault::open_file(&other).unwrap();
    let both = std::fs::read_to_string(&file).unwrap() + &std::fs::read_to_string(&other).unwrap();
    std::fs::write(&file, both).unwrap();
    let vault = Vault::open_file(&file).unwrap();
    let sealed = vault.seal(PLACE, &secret("hunter2")).unwrap();
    let mut forged = parts(&sealed);
    assert_eq!(vault.newest_id().unwrap(), forged[1], "the last key of the file seals");
    forged[1] = vault.key_ids()[0].clone();
    assert!(matches!(vault.open(PLACE, &Sealed(forged.join("."))), Err(VaultError::Forged)));
}

#[test]
fn a_key_that_was_not_used_for_sealing_is_named_as_missing() {
    let (first, _folder) = vault();
    let (second, _other) = vault();
    let sealed = first.seal(PLACE, &secret("hunter2")).unwrap();
    let error = second.open(PLACE, &sealed).unwrap_err();
    assert!(error.to_string().contains(&parts(&sealed)[1]), "{error}");
}

#[test]
fn the_same_file_opens_tomorrow_what_it_sealed_today() {
    let (today, folder) = vault();
    let sealed = today.seal(PLACE, &secret("hunter2")).unwrap();
    let tomorrow = Vault::open_file(&folder.path().join("secret.key")).unwrap();
    assert_eq!(tomorrow.open(PLACE, &sealed).unwrap().expose(), "hunter2");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the key");
}

/// What a process leaves that was killed while it created the key: before and after the key had its name.
#[test]
fn a_start_after_a_kill_while_the_key_was_created_works_and_leaves_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.key");
    let names = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let drafts = [format!("secret.new-{}", std::process::id()), "secret.new-0123456789abcdef".to_owned()];
    for draft in &drafts {
        std::fs::write(folder.path().join(draft), "v1 half a li").unwrap();
    }
    let sealed = Vault::open_file(&file).unwrap().seal(PLACE, &secret("hunter2")).unwrap();
    assert_eq!(names(), ["secret.key"]);
    std::fs::hard_link(&file, folder.path().join(&drafts[1])).unwrap();
    for other in ["secret.new-est", "secret.new-", "other.new-1"] {
        std::fs::write(folder.path().join(other), "somebody else's").unwrap();
    }
    let vault = Vault::open_file(&file).unwrap();
    assert_eq!(vault.open(PLACE, &sealed).unwrap().expose(), "hunter2");
    assert!(!names().contains(&drafts[1]));
    assert_eq!(names().len(), 4, "what is no draft of ours stays: {:?}", names());
}

#[test]
fn starts_at_the_same_moment_agree_on_one_key() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        let opened: Vec<Vault> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| Vault::open_file(&file).unwrap())).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        let sealed = opened[0].seal(PLACE, &secret("hunter2")).unwrap();
        assert!(opened.iter().all(|vault| vault.open(PLACE, &sealed).is_ok()));
    }
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_refused_with_its_remedy() {
    use std::os::unix::fs::PermissionsExt;
    let (_, folder) = vault();
    let file = folder.path().join("secret.key");
    let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    for readable in [0o640, 0o604, 0o660, 0o620] {
        mode(readable);
        let error = Vault::open_file(&file).unwrap_err().to_string();
        assert!(error.contains("chmod 600") && error.contains("secret.key"), "{error}");
    }
    for private in [0o400, 0o600] {
        mode(private);
        Vault::open_file(&file).unwrap();
    }
}

#[test]
fn a_damaged_key_file_is_refused_and_never_replaced() {
    let (_, folder) = vault();
    let file = folder.path().join("secret.key");
    let whole = std::fs::read_to_string(&file).unwrap();
    let damaged = whole.replace("v1 ", "v1 0");
    for text in ["", "\n", "v1", "v2 a b", "v1 00000000 AAAA", &whole[..whole.len() - 5], &damaged] {
        std::fs::write(&file, text).unwrap();
        assert!(matches!(Vault::open_file(&file), Err(VaultError::KeyFile(_))), "{text:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn a_key_that_another_process_added_opens_at_once_and_seals_from_then_on() {
    let (server, folder) = vault();
    let file = folder.path().join("secret.key");
    let before = server.seal(PLACE, &secret("old")).unwrap();
    let rotating = Vault::open_file(&file).unwrap();
    let added = rotating.add_key().unwrap().unwrap();
    assert_eq!(rotating.add_key().unwrap(), None, "one at a time");
    let after = rotating.seal(PLACE, &secret("new")).unwrap();
    assert_eq!(server.open(PLACE, &after).unwrap().expose(), "new");
    assert_eq!(server.open(PLACE, &before).unwrap().expose(), "old");
    assert_eq!(server.seal(PLACE, &secret("x")).unwrap().key_id(), Some(added.as_str()));

    let old = before.key_id().unwrap();
    assert_eq!(rotating.drop_keys(|id| id == old).unwrap(), Vec::<String>::new(), "what is needed stays");
    assert_eq!(rotating.drop_keys(|_| false).unwrap(), [old]);
    assert_eq!(server.seal(PLACE, &secret("x")).unwrap().key_id(), Some(added.as_str()));
    assert!(matches!(server.open(PLACE, &before), Err(VaultError::UnknownKey(id)) if id == old));
}

#[test]
fn nothing_is_sealed_with_keys_that_cannot_be_looked_up_any_more() {
    let (vault, folder) = vault();
    let file = folder.path().join("secret.key");
    let sealed = vault.seal(PLACE, &secret("hunter2")).unwrap();
    std::fs::write(&file, "v1 half a li").unwrap();
    assert!(matches!(vault.seal(PLACE, &secret("x")), Err(VaultError::KeyFile(_))));
    assert_eq!(vault.open(PLACE, &sealed).unwrap().expose(), "hunter2");
    std::fs::remove_file(&file).unwrap();
    assert!(matches!(vault.seal(PLACE, &secret("x")), Err(VaultError::KeyFile(_))));
    assert_eq!(vault.open(PLACE, &sealed).unwrap().expose(), "hunter2", "the watching goes on");
}

#[cfg(unix)]
#[test]
fn the_replaced_key_file_is_its_owner_s_alone_and_nothing_is_left_beside_it() {
    use std::os::unix::fs::PermissionsExt;
    let (vault, folder) = vault();
    let file = folder.path().join("secret.key");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
    vault.add_key().unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 2);
}

#[test]
fn the_vault_prints_no_key() {
    let (vault, folder) = vault();
    let file = std::fs::read_to_string(folder.path().join("secret.key")).unwrap();
    let key = file.split_whitespace().nth(2).unwrap();
    assert!(!format!("{vault:?}").contains(key));
}

/// A vault with two keys, and what each of them sealed for two places.
fn two_keys() -> (Vault, [[Sealed; 2]; 2], TempDir) {
    let (vault, folder) = vault();
    let seal =
        || [PLACE, ELSEWHERE].map(|place| vault.seal(place, &secret("correct horse battery")).unwrap());
    let old = seal();
    vault.add_key().unwrap();
    let new = seal();
    (vault, [old, new], folder)
}

const ELSEWHERE: Place<'_> = Place { table: "audit_head", column: "sealed_key", row: "1" };

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    /// Flipped bits, places, keys and parts that were exchanged: whatever is not exactly as it was sealed.
    #[test]
    fn whatever_was_tampered_with_is_refused(
        key in 0..2_usize,
        place in 0..2_usize,
        flips in proptest::collection::vec((2..4_usize, any::<proptest::sample::Index>()), 0..4),
        other_place in any::<bool>(),
        other_key in any::<bool>(),
        swapped_part in 0..4_usize,
        cut in 0..3_usize,
    ) {
        static TWO: LazyLock<(Vault, [[Sealed; 2]; 2], TempDir)> = LazyLock::new(two_keys);
        let (vault, sealed, _) = &*TWO;
        let whole = &sealed[key][place];
        let mut forged = parts(whole);
        if other_key {
            forged[1] = parts(&sealed[1 - key][place])[1].clone();
        }
        if swapped_part >= 2 {
            forged[swapped_part] = parts(&sealed[1 - key][1 - place])[swapped_part].clone();
        }
        for (part, bit) in flips {
            let mut bytes = URL_SAFE_NO_PAD.decode(&forged[part]).unwrap();
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            forged[part] = URL_SAFE_NO_PAD.encode(bytes);
        }
        let kept = forged[3].len() - cut;
        forged[3].truncate(kept);
        let asked = [PLACE, ELSEWHERE][if other_place { 1 - place } else { place }];
        let forged = Sealed(forged.join("."));
        let opened = vault.open(asked, &forged);
        prop_assert_eq!(opened.is_ok(), forged == *whole && !other_place, "{:?} in {:?}", forged, asked);
    }
}

proptest! {
    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text in ".{0,200}", id in "[0-9a-f.]{0,12}") {
        static VAULT: LazyLock<(Vault, TempDir)> = LazyLock::new(vault);
        let vault = &VAULT.0;
        prop_assert!(vault.open(PLACE, &Sealed(text.clone())).is_err());
        let id = if id.is_empty() { vault.key_ids().pop().unwrap() } else { id };
        let forged = Sealed(format!("v1.{id}.{text}"));
        prop_assert!(vault.open(PLACE, &forged).is_err());
    }
}
