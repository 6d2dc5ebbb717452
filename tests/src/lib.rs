//! Test support: the format of the suite's cases and what is held against
//! them, the code in the documentation, and the corpus of random tests.

pub mod cel;
pub mod cluster;
pub mod compile;
pub mod corpus;
pub mod crds;
pub mod docs;
pub mod function;
pub mod instances;
pub mod kro;
pub mod lsp;
pub mod oracle;
pub mod patch_and_transform;
pub mod schemas;
pub mod slips;
pub mod suite;
