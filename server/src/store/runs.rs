//! When the program ran: what was not watched is neither up nor down.

use super::{Store, entity::run, error::Result};
use model::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::Expr};

/// Most runs in one answer: one that restarts every minute for a month.
const RUNS_MAX: u64 = 50_000;

/// Names one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunId(i64);

pub struct Runs<'a>(pub(super) &'a Store);

impl Runs<'_> {
    pub async fn begin(&self, at: Timestamp) -> Result<RunId> {
        let transaction = self.0.begin().await?;
        let row = run::ActiveModel { began_at: Set(at.0), seen_at: Set(at.0), ..Default::default() };
        let id = run::Entity::insert(row).exec(&transaction).await?.last_insert_id;
        transaction.commit().await?;
        Ok(RunId(id))
    }

    /// The program still runs.
    pub async fn see(&self, run: RunId, at: Timestamp) -> Result<()> {
        let transaction = self.0.begin().await?;
        run::Entity::update_many()
            .col_expr(run::Column::SeenAt, Expr::value(at.0))
            .filter(run::Column::Id.eq(run.0))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// From when to when it ran, as far as that reaches beyond `from`; the newest, if they are very many.
    pub async fn since(&self, from: Timestamp) -> Result<Vec<(Timestamp, Timestamp)>> {
        let rows = run::Entity::find()
            .filter(run::Column::SeenAt.gte(from.0))
            .order_by_desc(run::Column::Id)
            .limit(RUNS_MAX)
            .all(self.0.reader())
            .await?;
        Ok(rows.into_iter().map(|row| (Timestamp(row.began_at), Timestamp(row.seen_at))).collect())
    }
}
