//! Depth without overflow: what calls itself as deep as its input is asks for more stack on the way.

/// The stack that must be left for one more level, in bytes.
const LEFT: usize = 64 << 10;
/// What is added where it is not, in bytes.
const MORE: usize = 1 << 20;

/// Runs work that may be many levels down.
pub(crate) fn deep<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(LEFT, MORE, work)
}
