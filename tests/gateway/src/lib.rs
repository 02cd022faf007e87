//! Tests of the real gateway over real sockets; they live in `tests/`.
