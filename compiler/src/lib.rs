//! The Tessera compiler. START HERE.
//!
//! A host (the command line, a test, later the language server and the
//! controller) implements [`source::Files`], makes a [`resolve::Request`] and
//! calls [`compile::compile`]. What happens then:
//!
//! 1. [`resolve`] reads what was asked for and parses it with [`syntax`]: text to
//!    a lossless tree, the tree to an abstract syntax. It loads what the files
//!    import, parts of the standard library included, and binds every import.
//! 2. [`check`] types every declaration against [`types`] and the Kubernetes
//!    [`schema`], and makes of each composite an [`ir::Composite`], whose
//!    expressions are [`expr::Expr`].
//! 3. [`reduce`] evaluates partially ([`eval`]): functions and constants
//!    disappear, what is known is folded. [`graph`] finds what waits for what.
//! 4. [`instantiate`] evaluates the reduced composite with an instance's
//!    parameters, and with what a cluster has observed, to objects.
//!    `rules` says what the API server would refuse of them.
//! 5. [`target`] writes them, with [`yaml`].
//!
//! Every step yields [`diagnostic::Diagnostic`]s and goes on; nothing is printed
//! and nothing is read but through `Files`. Beside this way stand [`mod@format`]
//! (tree to text), [`evaluate`] (one expression) and [`why`] (where a value came
//! from). [`compat`] compares two versions of an API, [`diff`] what they write. ARCHITECTURE.md has the invariants.

pub mod analysis;
pub mod check;
pub mod compat;
pub mod compile;
mod definitions;
pub mod diagnostic;
pub mod diff;
pub mod eval;
pub mod evaluate;
pub mod expr;
pub mod format;
pub mod graph;
pub mod instantiate;
pub mod ir;
pub mod library;
pub mod memo;
pub mod project;
pub mod readiness;
pub mod reduce;
pub mod resolve;
mod rules;
pub mod schema;
pub mod source;
mod stack;
mod suggest;
pub mod syntax;
pub mod target;
pub mod types;
pub mod units;
pub mod value;
pub mod why;
pub mod yaml;
