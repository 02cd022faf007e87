//! Between Postgres' columns and types: whole numbers are bigint, lists and details jsonb.

use crate::adapters::fault::Fault;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSqlOwned, Json};

/// A column as it is.
pub(super) fn get<T: FromSqlOwned>(row: &Row, column: usize) -> Result<T, Fault> {
    Ok(row.try_get(column)?)
}

/// A whole number that is not negative and fits.
pub(super) fn number<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T, Fault> {
    fitting(get(row, column)?)
}

pub(super) fn number_or_none<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<Option<T>, Fault> {
    get::<Option<i64>>(row, column)?.map(fitting).transpose()
}

fn fitting<T: TryFrom<i64>>(value: i64) -> Result<T, Fault> {
    T::try_from(value).map_err(|_| Fault::broken(format!("the value {value} in the database")))
}

/// A jsonb column that this version must understand.
pub(super) fn json<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, Fault> {
    Ok(row.try_get::<_, Json<T>>(column)?.0)
}

/// The database counts in signed 64 bits.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
