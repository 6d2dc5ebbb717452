//! Packs Kubernetes' published OpenAPI. The way: [`openapi`] reads the files of
//! one release into a [`model::Release`], helped by [`enums`] and `paths`;
//! [`lives`] adds what becomes of kinds;
//! [`merge`] lays several releases over one another; [`write`] makes the bytes,
//! in the layout of `tessera_stdlib::packed`. The same input gives the same bytes.

pub mod enums;
pub mod lives;
pub mod merge;
pub mod model;
pub mod openapi;
mod paths;
mod texts;
pub mod write;

/// What can go wrong, told to the person who runs the command.
pub type Result<T> = std::result::Result<T, String>;

/// Packs releases, which must be in ascending order.
///
/// # Errors
/// Fails where the layout has no room: more than 16 releases or 65,535 names.
pub fn pack(releases: &[model::Release]) -> Result<Vec<u8>> {
    write::write(&merge::merge(releases)?)
}
