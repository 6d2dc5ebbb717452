//! Named templates for what templates have no functions for: durations and quantities
//! in canonical form, products that may not overflow, letters of ASCII.

/// The file of these templates, which each chart that needs one of them has. The names
/// are those of Tessera, and mean the same in every chart.
pub(crate) const UNITS: &str = include_str!("units.tpl");
