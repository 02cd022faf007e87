//! Sorts the errors of Postgres by what the caller can do.

use crate::adapters::fault::Fault;
use tokio_postgres::Error;

impl From<Error> for Fault {
    /// The class of the SQLSTATE decides; without one the connection failed, or the answer was not understood.
    fn from(error: Error) -> Self {
        let Some(told) = error.as_db_error() else { return Self::broken(chain(&error)) };
        let code = told.code().code();
        match &code[..2] {
            // Cardinality, data, integrity, and what is too large or too complex: the same value fails for ever.
            "21" | "22" | "23" | "54" => Self::Refused(format!("{} ({code})", told.message())),
            _ => Self::Broken(format!("{} ({code})", told.message())),
        }
    }
}

/// An error with its causes, which tokio-postgres leaves out of its own sentence.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}
