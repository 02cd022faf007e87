//! Values as SQL stores keep them: lists and details as JSON, plain enums by their names.

use crate::adapters::fault::Fault;
use gateway_core::settings::Role;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::Refused(error.to_string()))
}

/// Reads JSON; none where it is not of this shape.
pub(crate) fn json_of<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// The name of a plain enum's value.
pub(crate) fn name<T: Serialize>(value: &T) -> Result<String, Fault> {
    let name = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned));
    name.ok_or_else(|| Fault::Refused("a value without a name".to_owned()))
}

/// The value of a plain enum's name.
pub(crate) fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// A role's name.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Agent => "agent",
        Role::Lead => "lead",
        Role::Admin => "admin",
    }
}

/// A role of a newer version may do the least.
pub(crate) fn role(name: &str) -> Role {
    match name {
        "admin" => Role::Admin,
        "lead" => Role::Lead,
        _ => Role::Agent,
    }
}
