//! What the server can tell, as pure functions.

pub mod declared;
#[cfg(test)]
mod fixture;
pub mod hover;
pub mod names;
pub mod words;
