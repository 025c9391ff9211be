//! The audit log: who did what, when and from where, in the transaction that did it.
//!
//! Entries form a chain under a key of its own, sealed by the vault: whoever can write to the database
//! but does not hold the key cannot change, remove or reorder an entry without being found out. What a
//! chain alone cannot show is that its end was cut off together with its head; for that, a head that was
//! kept elsewhere is compared.

mod chain;
mod last;
mod search;

pub use search::Found;
pub(super) use search::escaped;

use super::{
    Origin, Store,
    entity::{audit_entry, audit_head},
    error::{Result, StoreError},
};
use crate::vault::{Place, Sealed, Vault, VaultError};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chain::Key;
use engine::Secret;
use model::{Act, AuditEntry, AuditWish, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait,
    NotSet, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set, sea_query::Expr,
};
use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
};
use zeroize::Zeroizing;

const HEAD: i32 = 1;
/// Entries read at once while verifying.
const PAGE: u64 = 2000;
/// Longest words kept of an entry, as the columns have room.
const SUBJECT_CHARS_MAX: usize = 128;
const DETAIL_CHARS_MAX: usize = 500;

pub(super) type ChainKey = Arc<OnceLock<Key>>;

/// How somebody came to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Browser,
    Token,
    Telegram,
    CommandLine,
    /// The program itself.
    Server,
}

impl Via {
    fn word(self) -> &'static str {
        match self {
            Via::Browser => "browser",
            Via::Token => "token",
            Via::Telegram => "telegram",
            Via::CommandLine => "command_line",
            Via::Server => "server",
        }
    }
}

/// Who acts. Whoever changes anything says so around the change, with [`acting`]; else it is the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub user: Option<UserId>,
    pub name: String,
    pub via: Via,
    pub address: Option<IpAddr>,
}

impl Actor {
    pub(super) fn of(origin: Origin) -> Self {
        let (name, via) = match origin {
            Origin::Server => ("routewarden", Via::Server),
            Origin::CommandLine => ("command line", Via::CommandLine),
        };
        Self { user: None, name: name.to_owned(), via, address: None }
    }
}

tokio::task_local! {
    static ACTOR: Arc<Actor>;
}

/// Does `work` on behalf of somebody: every entry that it writes names them.
pub async fn acting<T>(actor: Arc<Actor>, work: impl Future<Output = T>) -> T {
    ACTOR.scope(actor, work).await
}

/// On whose behalf the present task acts, to hand on to a task that it starts.
pub fn acting_now() -> Option<Arc<Actor>> {
    ACTOR.try_with(Arc::clone).ok()
}

pub struct Audit<'a>(pub(super) &'a Store);

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub who: Option<String>,
    pub act: Option<Act>,
    /// All that may be wished for beside these two.
    pub wish: AuditWish,
    /// How many of the newest to pass over.
    pub offset: u64,
    pub limit: u64,
}

/// What became of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub entries: u64,
    /// The code of the last entry: keep it elsewhere, to compare with later.
    pub head: String,
    pub fault: Option<Fault>,
    /// Whether the head that was kept elsewhere is part of the chain; `None` when none was given.
    pub holds_anchor: Option<bool>,
}

/// Where the chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("entry {0} was changed, or an entry before it was removed, added or moved")]
    Entry(i64),
    #[error("the last entries were removed: {expected} were written, {found} are there")]
    End { expected: i64, found: u64 },
}

impl Wanted {
    fn query(&self) -> Select<audit_entry::Entity> {
        let who = self.who.as_ref().map(|who| audit_entry::Column::Who.eq(who));
        let act = self.act.map(|act| audit_entry::Column::Act.eq(act.word()));
        let before = self.wish.before.map(|before| audit_entry::Column::Id.lt(before));
        let own = Condition::all().add_option(who).add_option(act).add_option(before);
        audit_entry::Entity::find().filter(own).filter(search::condition(&self.wish))
    }
}

impl Audit<'_> {
    /// The newest entries first.
    pub async fn list(&self, wanted: &Wanted) -> Result<Vec<AuditEntry>> {
        let query = wanted.query().order_by_desc(audit_entry::Column::Id);
        let rows = query.offset(wanted.offset).limit(wanted.limit).all(self.0.reader()).await?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }

    /// How many there are, whatever the offset and the limit.
    pub async fn count(&self, wanted: &Wanted) -> Result<u64> {
        Ok(wanted.query().count(self.0.reader()).await?)
    }

    /// Writes down an act that changes nothing else, such as a login.
    pub async fn note(&self, act: Act, subject: Option<&str>, detail: Option<&str>) -> Result<()> {
        let transaction = self.0.begin().await?;
        self.0.note(&transaction, act, subject, detail).await?;
        Ok(transaction.commit().await?)
    }

    /// Walks the whole chain. `anchor` is a head that was kept elsewhere.
    pub async fn verify(&self, anchor: Option<&str>) -> Result<Verdict> {
        self.verify_telling(anchor, |_| ()).await
    }

    /// The same, telling now and then how many entries were found to be whole.
    pub async fn verify_telling(&self, anchor: Option<&str>, tell: impl Fn(u64)) -> Result<Verdict> {
        let key = self.0.chain_key()?;
        let head = head(self.0.reader()).await?;
        let (mut before, mut last, mut entries, mut anchored) = (String::new(), 0, 0, false);
        let verdict = |fault, entries, head: &str, anchored: bool| Verdict {
            entries,
            head: head.to_owned(),
            fault,
            holds_anchor: anchor.map(|_| anchored),
        };
        loop {
            let page = audit_entry::Entity::find()
                .filter(audit_entry::Column::Id.gt(last))
                .order_by_asc(audit_entry::Column::Id)
                .limit(PAGE)
                .all(self.0.reader())
                .await?;
            let Some(end) = page.last() else { break };
            last = end.id;
            for entry in page {
                let code = key.code(&before, &entry);
                if code != entry.mac {
                    return Ok(verdict(Some(Fault::Entry(entry.id)), entries, &head.mac, anchored));
                }
                anchored |= anchor == Some(code.as_str());
                before = code;
                entries += 1;
            }
            tell(entries);
        }
        // Entries that were written while this walked are whole too, and later than the head it read.
        let is_short = i64::try_from(entries).unwrap_or(i64::MAX) < head.entries;
        let fault = is_short.then_some(Fault::End { expected: head.entries, found: entries });
        Ok(verdict(fault, entries, &before, anchored))
    }
}

impl Store {
    /// On whose behalf this changes things now.
    pub(super) fn actor(&self) -> Arc<Actor> {
        acting_now().unwrap_or_else(|| Arc::new(Actor::of(self.origin)))
    }

    pub fn audit(&self) -> Audit<'_> {
        Audit(self)
    }

    /// Opens the key of the chain, making one for a new database. Before anything is changed.
    pub async fn open_audit(&self, vault: &Vault) -> Result<()> {
        let mut row = head(self.reader()).await?;
        if row.sealed_key.is_empty() {
            let sealed: String = vault.seal(KEY_PLACE, &new_key()?)?.into();
            let transaction = self.begin().await?;
            // Another process may have been first; its key counts.
            audit_head::Entity::update_many()
                .col_expr(audit_head::Column::SealedKey, Expr::value(sealed))
                .filter(audit_head::Column::SealedKey.eq(""))
                .exec(&transaction)
                .await?;
            transaction.commit().await?;
            row = head(self.reader()).await?;
        }
        let key = Key::new(vault.open(KEY_PLACE, &Sealed::from(row.sealed_key))?);
        // Opened twice is opened once.
        let _ = self.chain.set(key);
        Ok(())
    }

    /// Adds an entry to the chain in the transaction of what it tells of.
    pub(super) async fn note(
        &self,
        transaction: &DatabaseTransaction,
        act: Act,
        subject: Option<&str>,
        detail: Option<&str>,
    ) -> Result<()> {
        let key = self.chain_key()?;
        // Counting first locks the head, so that entries follow one another across processes.
        audit_head::Entity::update_many()
            .col_expr(audit_head::Column::Entries, Expr::col(audit_head::Column::Entries).add(1))
            .filter(audit_head::Column::Id.eq(HEAD))
            .exec(transaction)
            .await?;
        let before = head(transaction).await?.mac;
        let actor = self.actor();
        let mut entry = audit_entry::Model {
            id: 0,
            at: self.now().0,
            user_id: actor.user.map(|user| user.0),
            who: cut(&actor.name, 64),
            via: actor.via.word().to_owned(),
            address: actor.address.map(|address| address.to_string()),
            act: act.word().to_owned(),
            subject: subject.map(|text| cut(text, SUBJECT_CHARS_MAX)),
            detail: detail.map(|text| cut(text, DETAIL_CHARS_MAX)),
            mac: String::new(),
        };
        entry.mac = key.code(&before, &entry);
        let mac = entry.mac.clone();
        let row = audit_entry::ActiveModel { id: NotSet, ..active(entry) };
        row.insert(transaction).await?;
        audit_head::Entity::update_many()
            .col_expr(audit_head::Column::Mac, Expr::value(mac))
            .filter(audit_head::Column::Id.eq(HEAD))
            .exec(transaction)
            .await?;
        Ok(())
    }

    fn chain_key(&self) -> Result<&Key> {
        self.chain.get().ok_or(StoreError::NoAuditKey)
    }
}

const KEY_PLACE: Place<'static> = Place { table: "audit_head", column: "sealed_key", row: "1" };

fn new_key() -> Result<Secret<String>> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(|_| VaultError::Seal)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(*bytes)))
}

async fn head(connection: &impl ConnectionTrait) -> Result<audit_head::Model> {
    audit_head::Entity::find_by_id(HEAD).one(connection).await?.ok_or(StoreError::NotFound)
}

fn active(entry: audit_entry::Model) -> audit_entry::ActiveModel {
    audit_entry::ActiveModel {
        id: Set(entry.id),
        at: Set(entry.at),
        user_id: Set(entry.user_id),
        who: Set(entry.who),
        via: Set(entry.via),
        address: Set(entry.address),
        act: Set(entry.act),
        subject: Set(entry.subject),
        detail: Set(entry.detail),
        mac: Set(entry.mac),
    }
}

/// As much as the column holds, without the one character PostgreSQL refuses.
fn cut(text: &str, chars_max: usize) -> String {
    text.chars().filter(|char| *char != '\0').take(chars_max).collect()
}
