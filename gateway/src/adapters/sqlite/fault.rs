//! Sorts the errors of SQLite by what the caller can do.

use crate::adapters::fault::Fault;
use rusqlite::ErrorCode;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        if let rusqlite::Error::ToSqlConversionFailure(error) = &error {
            return Self::Refused(error.to_string());
        }
        match error.sqlite_error_code() {
            Some(
                ErrorCode::ConstraintViolation
                | ErrorCode::TooBig
                | ErrorCode::TypeMismatch
                | ErrorCode::ParameterOutOfRange,
            ) => Self::Refused(error.to_string()),
            Some(ErrorCode::OperationInterrupted) => Self::Broken("the read took too long".to_owned()),
            Some(_) | None => Self::Broken(error.to_string()),
        }
    }
}
