//! The library as a table for the documentation.

use std::fmt::Write as _;

use super::{Function, all};

/// A Markdown table of every function: name, signatures, since which
/// Kubernetes the API server's CEL has it, documentation.
#[must_use]
pub fn reference() -> String {
    let mut table = String::from(
        "| function | signatures | in the API server since | what it gives |\n| --- | --- | --- | --- |\n",
    );
    for function in all() {
        let _ = writeln!(
            table,
            "| `{}` | {} | {} | {} |",
            function.name,
            signatures(function),
            function.since,
            cell(function.doc)
        );
    }
    table
}

/// One line for each overload, with its own version where it differs.
fn signatures(function: &Function) -> String {
    let lines: Vec<String> = function
        .signatures()
        .zip(function.overloads)
        .map(|(text, overload)| match overload.since {
            Some(since) => format!("`{text}` ({since})"),
            None => format!("`{text}`"),
        })
        .collect();
    lines.join("<br>")
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
