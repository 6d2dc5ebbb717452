//! Test support: the format of the suite's cases, what is held against them,
//! and the corpus that random tests start from.

pub mod corpus;
pub mod suite;
