//! What can go wrong with a statement, sorted by what the caller can do; turned into the ports' errors at the rim.

use crate::ports::{AppendError, StoreError};
use rusqlite::ErrorCode;

/// Why a job or a read failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The value will never be taken.
    Refused(String),
    Fenced,
    NotFound,
    Taken(&'static str),
    /// The file, the disk or the machinery failed; whether a write took place is not known.
    Broken(String),
}

impl Fault {
    pub(super) fn broken(reason: impl ToString) -> Self {
        Self::Broken(reason.to_string())
    }
}

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

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Taken(what) => Self::Taken(what),
            StoreError::Refused(reason) => Self::Refused(reason),
            StoreError::Away(reason) => Self::Broken(reason),
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(reason) => Self::Refused(reason),
            Fault::NotFound => Self::NotFound,
            Fault::Taken(what) => Self::Taken(what),
            Fault::Fenced => Self::Away("another desk owns the site".to_owned()),
            Fault::Broken(reason) => Self::Away(reason),
        }
    }
}

impl From<Fault> for AppendError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(reason) => Self::Refused(reason),
            Fault::Fenced => Self::Fenced,
            Fault::NotFound => Self::Refused("no such row".to_owned()),
            Fault::Taken(what) => Self::Refused(format!("{what} is taken")),
            Fault::Broken(reason) => Self::Unknown(reason),
        }
    }
}
