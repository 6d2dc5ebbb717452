//! Rules that the API server would refuse as too costly. It estimates what a rule
//! costs before any object is there, and takes what has no bound to be as long as
//! a request can be (apiextensions-apiserver, pkg/apiserver/schema/cel, and
//! apiserver, pkg/cel/limits.go).

use smol_str::SmolStr;

use super::openapi::{OpenApi, Rule};
use super::{Builder, E0711};
use crate::diagnostic::Diagnostic;
use crate::ir::Param;

/// What one rule may cost at most.
const LIMIT: u64 = 10_000_000;
/// The longest request, in bytes.
const REQUEST: u64 = 3 * 1024 * 1024;
/// What a rule costs whose operands are short.
const RULE: u64 = 60;

impl Builder<'_> {
    /// Finds the rules below each parameter, and on all of them, that cost too much.
    pub(super) fn spec_bounds(&mut self, params: &[Param], spec: &OpenApi) {
        for param in params {
            self.span = param.span;
            if let Some(level) = spec.fields.get(&param.name) {
                self.bounds(level, 1, &param.name);
            }
        }
        for rule in &spec.rules {
            self.loops(rule, spec, "");
        }
    }

    fn bounds(&mut self, level: &OpenApi, times: u64, place: &str) {
        for rule in &level.rules {
            let text = match level.ty {
                Some("string") => longest(level, REQUEST) / 10,
                _ => 0,
            };
            if times.saturating_mul(RULE + text) > LIMIT {
                self.too_costly(rule, place, times > 1);
            } else {
                self.loops(rule, level, place);
            }
        }
        let inside = level.items.iter().chain(&level.values);
        for part in inside {
            let times = times.saturating_mul(longest(level, REQUEST / 2));
            self.bounds(part, times, &format!("{place}[]"));
        }
        for (name, field) in &level.fields {
            self.bounds(field, times, &format!("{place}.{name}"));
        }
    }

    /// A macro goes over something without a bound.
    fn loops(&mut self, rule: &Rule, level: &OpenApi, place: &str) {
        for path in &rule.loops {
            let Some(over) = path.iter().try_fold(level, |level, name: &SmolStr| level.fields.get(name)) else {
                continue;
            };
            if over.longest().is_none() {
                let steps = path.iter().map(SmolStr::as_str);
                let whole: Vec<&str> = std::iter::once(place).chain(steps).filter(|part| !part.is_empty()).collect();
                self.unbounded(rule, &whole.join("."));
                return;
            }
        }
    }

    fn too_costly(&mut self, rule: &Rule, place: &str, many: bool) {
        if many { self.unbounded(rule, place.trim_end_matches("[]")) } else { self.unbounded(rule, place) }
    }

    fn unbounded(&mut self, rule: &Rule, place: &str) {
        let message = format!("`{place}` has no bound, so the API server would refuse this rule as too costly");
        let mut diagnostic = Diagnostic::new(&E0711, self.span, message);
        if rule.span == self.span {
            diagnostic = diagnostic.label("a case of this type needs a rule");
        } else {
            diagnostic = diagnostic.also(rule.span, "the rule");
        }
        self.diagnostics.push(diagnostic.help(
            "say how many or how long at most, such as `[T] where it.size() <= 100` or `String where it.size() <= 256`",
        ));
    }
}

fn longest(level: &OpenApi, otherwise: u64) -> u64 {
    level.longest().and_then(|n| u64::try_from(n).ok()).unwrap_or(otherwise)
}
