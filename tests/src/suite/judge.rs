//! Holds what was reported against what is expected.

use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::source::{LineIndex, SourceFile, SourceMap};

use super::case::{Case, CaseFile};
use super::markers::Expectation;

/// A diagnostic at the place where a case would expect it.
struct Reported<'a> {
    diagnostic: &'a Diagnostic,
    path: &'a str,
    line: u32,
    columns: (u32, u32),
    met: bool,
}

/// Every difference, each ready to be read: expectations that were not met,
/// and diagnostics that nothing expects with the comment that would.
#[must_use]
pub fn judge(case: &Case, diagnostics: &[Diagnostic], sources: &SourceMap) -> Vec<String> {
    let mut reported: Vec<Reported<'_>> = diagnostics.iter().map(|d| locate(d, sources)).collect();
    let mut differences = Vec::new();
    for file in &case.files {
        for expected in &file.expected {
            let hit = reported.iter_mut().find(|r| !r.met && meets(r, file, expected));
            match hit {
                Some(reported) => reported.met = true,
                None => differences.push(unmet(file, expected)),
            }
        }
    }
    differences.extend(reported.iter().filter(|r| !r.met).map(|r| unexpected(r, case)));
    differences
}

fn locate<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Reported<'a> {
    let span = diagnostic.primary.span;
    let Some(SourceFile { path, text }) = sources.get(span.file) else {
        return Reported { diagnostic, path: "(no file)", line: 1, columns: (1, 2), met: false };
    };
    let index = LineIndex::new(text);
    let (start, end) = (index.position(text, span.start), index.position(text, span.end));
    let line_text = text.lines().nth(start.line as usize - 1).unwrap_or("");
    // What goes on over the end of the line is marked up to there.
    let last = if end.line == start.line { end.column } else { line_text.chars().count() as u32 + 1 };
    Reported { diagnostic, path, line: start.line, columns: (start.column, last.max(start.column + 1)), met: false }
}

fn meets(reported: &Reported<'_>, file: &CaseFile, expected: &Expectation) -> bool {
    reported.path == file.path
        && reported.line == expected.line
        && expected.columns.is_none_or(|c| c == reported.columns)
        && reported.diagnostic.code == expected.code
        && says(reported.diagnostic, &expected.fragment)
}

/// Whether any of the texts of the diagnostic contains the fragment.
fn says(diagnostic: &Diagnostic, fragment: &str) -> bool {
    let labels = diagnostic.secondary.iter().map(|l| &l.message);
    [&diagnostic.message, &diagnostic.primary.message]
        .into_iter()
        .chain(labels)
        .chain(&diagnostic.notes)
        .chain(&diagnostic.help)
        .any(|text| text.contains(fragment))
}

fn unmet(file: &CaseFile, expected: &Expectation) -> String {
    let Expectation { line, columns, code, fragment } = expected;
    let place = columns.map_or_else(String::new, |(a, b)| format!(" in columns {a} to {}", b - 1));
    format!("{} (line {}): not reported{place}: {} {fragment}", file.path, file.first_line + line, code.id)
}

fn unexpected(reported: &Reported<'_>, case: &Case) -> String {
    let Reported { diagnostic, path, line, columns: (start, end), .. } = reported;
    let first_line = case.files.iter().find(|f| f.path == *path).map_or(0, |f| f.first_line);
    let comment = if path.ends_with(".tess") { "//" } else { "#" };
    let carets = "^".repeat((end - start) as usize);
    let marker = if *start as usize > comment.len() {
        format!("{comment}{}{carets}", " ".repeat(*start as usize - 1 - comment.len()))
    } else {
        format!("{comment}~")
    };
    format!(
        "{path} (line {}): reported but not expected:\n{marker} {} {}",
        first_line + line,
        diagnostic.code.id,
        diagnostic.message
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tessera_compiler::diagnostic::code;
    use tessera_compiler::source::Span;

    use super::*;

    const CASE: &str = "//- a.tess\nspec: {\n  replica: 2\n  //^^^^^ E0302 no field `replica`\n}\n";

    /// The differences when a diagnostic with this code and message is
    /// reported at these bytes of the case's file.
    fn differences(reported: &[(&str, u32, u32, &str)]) -> Vec<String> {
        let case = Case::parse(CASE).unwrap();
        let mut sources = SourceMap::default();
        let file = sources.add("a.tess", Arc::from(case.files[0].text.as_str()));
        let diagnostics: Vec<_> = reported
            .iter()
            .map(|(c, start, end, m)| Diagnostic::new(code(c).unwrap(), Span::new(file, *start, *end), *m))
            .collect();
        judge(&case, &diagnostics, &sources)
    }

    #[test]
    fn what_is_expected_and_reported_is_fine() {
        assert_eq!(differences(&[("E0302", 12, 17, "there is no field `replica` here")]), [] as [&str; 0]);
    }

    #[test]
    fn what_is_not_reported_differs() {
        assert_eq!(differences(&[]), ["a.tess (line 3): not reported in columns 5 to 9: E0302 no field `replica`"]);
    }

    #[test]
    fn another_code_place_or_text_is_both_unmet_and_unexpected() {
        for other in
            [("E0201", 12, 17, "no field `replica`"), ("E0302", 12, 18, "no field `replica`"), ("E0302", 12, 17, "?")]
        {
            assert_eq!(differences(&[other]).len(), 2, "{other:?}");
        }
    }

    #[test]
    fn one_expectation_takes_one_report() {
        let twice = ("E0302", 12, 17, "no field `replica`");
        let found = differences(&[twice, twice]);
        assert_eq!(found, ["a.tess (line 3): reported but not expected:\n//  ^^^^^ E0302 no field `replica`"]);
    }

    #[test]
    fn a_place_over_several_lines_is_marked_to_the_end_of_its_first() {
        let found = differences(&[("E0302", 12, 17, "no field `replica`"), ("E0201", 6, 20, "x")]);
        assert_eq!(found, ["a.tess (line 2): reported but not expected:\n//    ^ E0201 x"]);
    }
}
