//! The order of values, for sorting and for the least and the greatest.

use std::cmp::Ordering;

use crate::diagnostic::codes::E0311;
use crate::eval::Fault;
use crate::value::Value;

use super::operators::compare;
use super::shown_type;

/// The order of two values: numbers by value across their types, everything
/// else only within its type.
///
/// # Errors
/// E0311 for values without an order between them, NaN included.
pub(super) fn in_order(a: &Value, b: &Value) -> Result<Ordering, Fault> {
    match compare(a, b) {
        Some(Some(order)) => Ok(order),
        Some(None) => Err(Fault::new(&E0311, "NaN values cannot be ordered")),
        None => Err(Fault::new(&E0311, format!("{} and {} have no order between them", shown_type(a), shown_type(b)))),
    }
}
