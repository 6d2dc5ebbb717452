//! Where the compiler and the server differ on purpose, or because only a
//! cluster knows: `tests/oracle/known.txt`.
//!
//! A line is `verdict | kind | what the other says | reason`, where the verdict
//! is `missed` (the server refuses, we accept) or `stricter` (we refuse, the
//! server accepts), the kind a kind or `*`, and the third a text that the
//! message of the one who refuses contains, parts parted by `…`.

use std::cell::Cell;

/// One line.
#[derive(Debug)]
pub struct Line {
    verdict: String,
    kind: String,
    says: Vec<String>,
    /// Why.
    pub reason: String,
    text: String,
    hits: Cell<usize>,
}

/// All lines.
#[derive(Debug, Default)]
pub struct Known(Vec<Line>);

impl Known {
    /// Reads the list.
    ///
    /// # Errors
    /// The line that is not of the form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let line = |text: &str| {
            let parts: Vec<&str> = text.split(" | ").map(str::trim).collect();
            match parts.as_slice() {
                [verdict @ ("missed" | "stricter"), kind, says, reason] if !reason.is_empty() && !says.is_empty() => {
                    Ok(Line {
                        verdict: (*verdict).to_owned(),
                        kind: (*kind).to_owned(),
                        says: says.split('…').map(str::to_owned).collect(),
                        reason: (*reason).to_owned(),
                        text: text.to_owned(),
                        hits: Cell::new(0),
                    })
                }
                _ => Err(format!("not `verdict | kind | what is said | reason`: {text}")),
            }
        };
        lines.map(line).collect::<Result<_, _>>().map(Self)
    }

    /// The line that a difference is on, which counts it.
    #[must_use]
    pub fn find(&self, verdict: &str, kind: &str, says: &str) -> Option<&Line> {
        let line = self.0.iter().find(|line| line.is_of(verdict, kind, says))?;
        line.hits.set(line.hits.get() + 1);
        Some(line)
    }

    /// The lines that nothing was on.
    #[must_use]
    pub fn idle(&self) -> Vec<&str> {
        self.0.iter().filter(|line| line.hits.get() == 0).map(|line| line.text.as_str()).collect()
    }

    /// Each line with how often it was hit.
    #[must_use]
    pub fn table(&self) -> String {
        self.0.iter().map(|line| format!("{:5} {}\n", line.hits.get(), line.text)).collect()
    }
}

impl Line {
    fn is_of(&self, verdict: &str, kind: &str, says: &str) -> bool {
        let mut rest = Some(says);
        for part in &self.says {
            rest = rest.and_then(|rest| rest.split_once(part.as_str())).map(|(_, after)| after);
        }
        self.verdict == verdict && (self.kind == "*" || self.kind == kind) && rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_matches_its_parts_in_order_and_counts() {
        let known = Known::parse("# note\nmissed | * | no … found | only a cluster knows\n").unwrap();
        assert!(known.find("missed", "Pod", "there was no thing found here").is_some());
        assert!(known.find("stricter", "Pod", "no x found").is_none());
        assert!(known.find("missed", "Pod", "found no").is_none());
        assert!(known.idle().is_empty());
        assert!(Known::parse("missed | a | b").is_err());
    }
}
