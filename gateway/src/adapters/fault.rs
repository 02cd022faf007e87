//! What can go wrong with a statement, sorted by what the caller can do; turned into the ports' errors at the rim.
//!
//! Each SQL store sorts its library's errors into these.

use crate::ports::{AppendError, StoreError};

/// Why a job or a read failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The value will never be taken.
    Refused(String),
    Fenced,
    NotFound,
    Taken(&'static str),
    /// The file, the disk or the machinery failed; whether a write took place is not known.
    Broken(String),
}

impl Fault {
    pub(crate) fn broken(reason: impl ToString) -> Self {
        Self::Broken(reason.to_string())
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
