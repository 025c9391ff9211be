//! The few forms that every table of ours is built from.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// A table whose text compares exactly, byte for byte, on every database.
///
/// MariaDB would otherwise take `Edge` and `edge` for the same name. It also keeps each table at once, so
/// one that is there already is what an earlier start had time for.
pub fn table(manager: &SchemaManager<'_>, name: &'static str) -> TableCreateStatement {
    let mut table = Table::create().table(name).if_not_exists().to_owned();
    if manager.get_database_backend() == DbBackend::MySql {
        table.engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_bin");
    }
    table
}

/// A reference that takes its row along when the row it points to goes.
pub fn belongs_to(from: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    reference(from, column, to, ForeignKeyAction::Cascade)
}

/// A reference that becomes empty when the row it points to goes.
pub fn points_to(from: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    reference(from, column, to, ForeignKeyAction::SetNull)
}

fn reference(
    from: &'static str,
    column: &'static str,
    to: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{from}_{column}"))
        .from(from, column)
        .to(to, "id")
        .on_delete(on_delete)
        .to_owned()
}

/// Creates an index over `columns`, named after them, unless an earlier start got that far.
pub async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    create_index(manager, Index::create().name(format!("ix_{table}_{}", columns.join("_"))), table, columns)
        .await
}

/// The same for values of which there is one each.
pub async fn unique(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(format!("ux_{table}_{}", columns.join("_"))).unique();
    create_index(manager, &mut index, table, columns).await
}

async fn create_index(
    manager: &SchemaManager<'_>,
    index: &mut IndexCreateStatement,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = index.table(table).to_owned();
    for column in columns {
        index.col(*column);
    }
    let name = index.get_index_spec().get_name().unwrap_or_default().to_owned();
    if manager.has_index(table, &name).await? {
        return Ok(());
    }
    manager.create_index(index).await
}

/// Adds a column to a table of an earlier migration, unless an earlier start got that far.
pub async fn add_column(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    if manager.has_column(table, column.get_column_name()).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}

/// Drops `columns` of `table`, one by one: SQLite takes no more at once.
pub async fn drop_columns(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    for column in columns {
        manager.alter_table(Table::alter().table(table).drop_column(*column).to_owned()).await?;
    }
    Ok(())
}

/// Drops `tables`, in this order.
pub async fn drop_all(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).to_owned()).await?;
    }
    Ok(())
}
