//! Expectations in comments.

use tessera_compiler::diagnostic::{Code, code};

/// A diagnostic that must be reported.
#[derive(Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The line that it is about, from 1.
    pub line: u32,
    /// The columns, from 1 and half-open, in characters; `None` is anywhere on
    /// the line.
    pub columns: Option<(u32, u32)>,
    /// The code.
    pub code: &'static Code,
    /// What its text must contain.
    pub fragment: String,
}

/// The expectations in a file.
///
/// # Errors
/// The line, from 1, and what is wrong with the expectation on it.
pub fn expectations(path: &str, text: &str) -> Result<Vec<Expectation>, (u32, String)> {
    let comment = if path.ends_with(".tess") { "//" } else { "#" };
    let mut found = Vec::new();
    let mut about = 0;
    for (line, number) in text.lines().zip(1..) {
        match marker(line, comment) {
            None => about = number,
            Some(_) if about == 0 => return Err((number, "there is no line above to be about".to_owned())),
            Some((columns, rest)) => found.push(expectation(about, columns, rest).map_err(|e| (number, e))?),
        }
    }
    Ok(found)
}

/// The columns that carets stand under and the rest of the line, when the line
/// is an expectation.
fn marker<'a>(line: &'a str, comment: &str) -> Option<(Option<(u32, u32)>, &'a str)> {
    let after = line.trim_start().strip_prefix(comment)?;
    if let Some(rest) = after.strip_prefix('~') {
        return Some((None, rest));
    }
    let rest = after.trim_start().strip_prefix('^')?.trim_start_matches('^');
    let end = line.strip_suffix(rest)?.chars().count() as u32 + 1;
    let count = line.strip_suffix(rest)?.chars().rev().take_while(|c| *c == '^').count() as u32;
    Some((Some((end - count, end)), rest))
}

fn expectation(line: u32, columns: Option<(u32, u32)>, rest: &str) -> Result<Expectation, String> {
    let rest = rest.trim();
    let (id, fragment) = rest.split_once(' ').unwrap_or((rest, ""));
    let code = code(id).ok_or_else(|| format!("no code {id}"))?;
    Ok(Expectation { line, columns, code, fragment: fragment.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line, columns, code and fragment.
    type Found = (u32, Option<(u32, u32)>, &'static str, String);

    fn one(path: &str, text: &str) -> Vec<Found> {
        let found = expectations(path, text).unwrap();
        found.into_iter().map(|e| (e.line, e.columns, e.code.id, e.fragment)).collect()
    }

    #[test]
    fn carets_give_the_columns_of_the_line_above() {
        let found = one("a.tess", "  replica: 2\n  //^^^^^ E0302 unknown `replica`\n");
        assert_eq!(found, [(1, Some((5, 10)), "E0302", "unknown `replica`".to_owned())]);
    }

    #[test]
    fn several_are_about_the_same_line() {
        let found = one("a.tess", "ab cd\n// ^^ E0201 cd\n//~ E0301\n");
        assert_eq!(found, [(1, Some((4, 6)), "E0201", "cd".to_owned()), (1, None, "E0301", String::new())]);
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(one("a.tess", "éé x\n// ^ E0201\n")[0].1, Some((4, 5)));
        assert_eq!(one("a.yaml", "é: x\n#  ^ E0301\n")[0].1, Some((4, 5)));
    }

    #[test]
    fn plain_comments_are_nothing() {
        assert_eq!(one("a.tess", "// a ^ b\n/// ^ doc\n# ^ x\n"), []);
        assert_eq!(one("a.yaml", "// ^ E0301\n"), []);
    }

    #[test]
    fn an_expectation_needs_a_line_and_a_known_code() {
        assert_eq!(expectations("a.tess", "// ^ E0301\n").unwrap_err().0, 1);
        assert_eq!(expectations("a.tess", "x\n// ^ E03\n").unwrap_err(), (2, "no code E03".to_owned()));
    }
}
