//! Writes the description.
