//! What came of the cases: rates, tables and the lists of differences.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Case;
use super::known::Known;
use crate::cluster::verdict::{Refusal, Verdict};

/// What both said of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case.
    pub case: Case,
    /// Our errors.
    pub ours: Vec<String>,
    /// The server's answer.
    pub server: Verdict,
}

impl Outcome {
    /// The server refuses, and we accept.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        !self.server.is_accepted() && self.ours.is_empty()
    }

    /// We refuse, and the server accepts.
    #[must_use]
    pub fn is_stricter(&self) -> bool {
        self.server.is_accepted() && !self.ours.is_empty()
    }

    /// The valid object is not valid.
    #[must_use]
    pub fn is_bad_base(&self) -> bool {
        self.case.change.is_none() && !self.server.is_accepted()
    }

    /// What the one who refuses says.
    fn said(&self) -> String {
        self.server.refusal().map_or_else(|| self.ours.join("; "), |refusal| reasons(refusal).join("; "))
    }
}

/// The causes of a refusal, the values in them left out.
fn reasons(refusal: &Refusal) -> Vec<String> {
    if refusal.causes.is_empty() {
        return vec![format!("{}: {}", refusal.reason, refusal.message)];
    }
    refusal.causes.iter().map(|c| format!("{}: {}: {}", c.field, c.reason, c.message)).collect()
}

/// A message without what differs from case to case, to count the like.
fn general(message: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    for c in message.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                out.push_str(if quoted { "\"…" } else { "\"" });
            }
            _ if quoted => {}
            c if c.is_ascii_digit() && out.ends_with('#') => {}
            c if c.is_ascii_digit() => out.push('#'),
            c => out.push(c),
        }
    }
    out.chars().take(200).collect()
}

/// The whole report.
#[derive(Debug, Default)]
pub struct Report {
    /// How many objects were judged.
    pub cases: usize,
    /// How many the server refused.
    pub refused: usize,
    /// How many of these we accepted, but for the known ones.
    pub missed: usize,
    /// How many the server accepted and we refused, but for the known ones.
    pub stricter: usize,
    /// How many of either are in the list of what is known.
    pub known: usize,
    /// Valid objects that the server refuses: mistakes of the test.
    pub bad_bases: usize,
    /// The tables.
    pub tables: String,
    /// The lists, each with the name of its file.
    pub lists: Vec<(&'static str, String)>,
}

impl Report {
    /// What the outcomes come to.
    #[must_use]
    pub fn of(outcomes: &[Outcome], known: &Known) -> Self {
        let mut report = Self { cases: outcomes.len(), ..Self::default() };
        let mut kinds: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
        let mut changes: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
        let mut like: BTreeMap<(&str, String), Vec<&Outcome>> = BTreeMap::new();
        let (mut missed, mut stricter, mut bad) = (String::new(), String::new(), String::new());
        for outcome in outcomes {
            let kind = outcome.case.kind();
            let is_known = |verdict| known.find(verdict, kind, &outcome.said()).is_some();
            let refused = !outcome.server.is_accepted();
            let is_missed = outcome.is_missed() && !is_known("missed");
            let is_stricter = outcome.is_stricter() && !is_known("stricter");
            let counts = [1, usize::from(refused), usize::from(is_missed), usize::from(is_stricter)];
            let what = outcome.case.change.as_ref().map_or("nothing", |c| c.what);
            add(kinds.entry(kind).or_default(), counts);
            add(changes.entry(what).or_default(), counts);
            report.refused += usize::from(refused);
            report.known += usize::from((outcome.is_missed() || outcome.is_stricter()) && !is_missed && !is_stricter);
            if is_missed {
                report.missed += 1;
                missed += &entry(outcome);
                let first = outcome.server.refusal().map(reasons).unwrap_or_default();
                let first = first.first().map(|m| general(m)).unwrap_or_default();
                like.entry((kind, first)).or_default().push(outcome);
            }
            if is_stricter {
                report.stricter += 1;
                stricter += &entry(outcome);
            }
            if outcome.is_bad_base() {
                report.bad_bases += 1;
                bad += &entry(outcome);
            }
        }
        report.tables = table("kind", &kinds) + "\n" + &table("change", &changes);
        report.lists = vec![
            ("missed.txt", missed),
            ("stricter.txt", stricter),
            ("bases.txt", bad),
            ("missed-by-rule.txt", by_rule(&like)),
            ("known.txt", known.table()),
        ];
        report
    }

    /// The part of what the server refuses that we accept, in percent.
    #[must_use]
    pub fn missed_percent(&self) -> f64 {
        if self.refused == 0 { 0.0 } else { self.missed as f64 * 100.0 / self.refused as f64 }
    }

    /// The rates in a line.
    #[must_use]
    pub fn summary(&self) -> String {
        format!(
            "{} objects, {} refused by the server; refused by us alone: {}; missed: {} ({:.2} %); known differences: {}",
            self.cases,
            self.refused,
            self.stricter,
            self.missed,
            self.missed_percent(),
            self.known
        )
    }
}

fn add(counts: &mut [usize; 4], more: [usize; 4]) {
    counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
}

fn table(what: &str, rows: &BTreeMap<&str, [usize; 4]>) -> String {
    let mut out = format!("{what:34} objects  refused  missed  ours alone\n");
    for (name, [all, refused, missed, stricter]) in rows {
        let _ = writeln!(out, "{name:34} {all:7}  {refused:7}  {missed:6}  {stricter:10}");
    }
    out
}

fn entry(outcome: &Outcome) -> String {
    let case = &outcome.case;
    let said = outcome.said().replace('\n', "\n    ");
    format!("#{} {}: {}\n    {said}\n", case.number, case.kind(), case.changed())
}

/// What was missed, the like together, the most frequent first.
fn by_rule(like: &BTreeMap<(&str, String), Vec<&Outcome>>) -> String {
    let mut rows: Vec<_> = like.iter().collect();
    rows.sort_by_key(|((kind, _), outcomes)| (*kind, usize::MAX - outcomes.len()));
    let mut out = String::new();
    let mut last = "";
    for ((kind, message), outcomes) in rows {
        if *kind != last {
            let _ = writeln!(out, "\n{kind}");
            last = kind;
        }
        let example = outcomes.first().map(|o| o.case.changed()).unwrap_or_default();
        let _ = writeln!(out, "{:4}  {message}\n      ({example})", outcomes.len());
    }
    out
}
