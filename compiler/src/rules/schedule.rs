//! CronJobs, besides the pods of their Jobs
//! (`pkg/apis/batch/validation/validation.go`, validateCronJobSpec), and their
//! schedules (`ParseStandard` of github.com/robfig/cron, which the server reads them with).

use super::shape::{Check, MAX, NATURAL, Shape, is_empty, needed, walk};
use super::{Object, Part, Report};
use crate::diagnostic::E0462;
use crate::units::parse_duration_cel;

static SPEC: Shape = &[
    ("schedule", &[Check::Rule(schedule)]),
    ("timeZone", &[Check::Rule(time_zone)]),
    ("startingDeadlineSeconds", &[Check::Between(0, i64::MAX)]),
    ("successfulJobsHistoryLimit", &[NATURAL]),
    ("failedJobsHistoryLimit", &[NATURAL]),
    ("concurrencyPolicy", &[Check::Only(&["Allow", "Forbid", "Replace"])]),
];

/// What must hold of a CronJob.
pub(super) fn check<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    let schedule = spec.get("schedule");
    if spec.is_present() && is_empty(schedule) {
        needed(spec, "schedule", schedule, "it says when the Jobs begin", report);
    }
    walk(spec, SPEC, report);
}

fn schedule<'a>(part: Part<'a>, report: &mut Report<'a>) {
    let Some(text) = part.str().filter(|text| !text.is_empty()) else { return };
    if text.contains("TZ") {
        report
            .add(&E0462, part, "a schedule does not say its time zone")
            .help("give the field `timeZone` beside it: `timeZone: \"Europe/Berlin\"`");
    } else if let Err(fault) = parse(text) {
        report.add(&E0462, part, format!("`{text}` is not a schedule")).label(fault).help(
            "write minute, hour, day of month, month and day of week: `0 3 * * 1-5` is three o'clock on weekdays",
        );
    }
}

/// A field of a schedule.
struct Field {
    name: &'static str,
    least: i64,
    most: i64,
    /// The names of its numbers, from the least.
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, names: &[] },
    Field { name: "hour", least: 0, most: 23, names: &[] },
    Field { name: "day of month", least: 1, most: 31, names: &[] },
    Field {
        name: "month",
        least: 1,
        most: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field { name: "day of week", least: 0, most: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/// Whether a text is a schedule, or what is wrong with it.
fn parse(text: &str) -> Result<(), String> {
    if text.starts_with('@') {
        return parse_descriptor(text);
    }
    let count = text.split_whitespace().count();
    if count != FIELDS.len() {
        return Err(format!("it has {count} fields, not five"));
    }
    for (field, written) in FIELDS.iter().zip(text.split_whitespace()) {
        for range in written.split(',').filter(|range| !range.is_empty()) {
            field.check(range).map_err(|fault| format!("{}: {fault}", field.name))?;
        }
    }
    Ok(())
}

fn parse_descriptor(text: &str) -> Result<(), String> {
    match text {
        "@yearly" | "@annually" | "@monthly" | "@weekly" | "@daily" | "@midnight" | "@hourly" => Ok(()),
        _ => match text.strip_prefix("@every ") {
            Some(every) if parse_duration_cel(every).is_ok() => Ok(()),
            Some(every) => Err(format!("`{every}` is no duration, as `1h30m` is one")),
            None => Err(
                "there are `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually` and `@every`"
                    .to_owned(),
            ),
        },
    }
}

impl Field {
    /// A range as `2`, `2-4`, `*`, each with `/3` behind it or not (getRange).
    fn check(&self, range: &str) -> Result<(), String> {
        let mut steps = range.split('/');
        let mut ends = steps.next().unwrap_or_default().split('-');
        let (step, rest) = (steps.next(), steps.next());
        let (low, high, more) = (ends.next().unwrap_or_default(), ends.next(), ends.next());
        let (start, mut end) = if matches!(low, "*" | "?") {
            (self.least, self.most)
        } else {
            let start = self.number(low)?;
            if more.is_some() {
                return Err(format!("`{range}` has more than one `-`"));
            }
            (start, high.map_or(Ok(start), |high| self.number(high))?)
        };
        if let Some(step) = step {
            if high.is_none() {
                end = self.most;
            }
            if number(step)? == 0 {
                return Err(format!("`{range}` has steps of nothing"));
            }
        }
        if rest.is_some() {
            return Err(format!("`{range}` has more than one `/`"));
        }
        if start < self.least || end > self.most {
            let hint = if self.most == 6 && (start == 7 || end == 7) { "; Sunday is 0" } else { "" };
            return Err(format!("`{range}` is not within {} to {}{hint}", self.least, self.most));
        }
        if start > end { Err(format!("`{range}` ends before it begins")) } else { Ok(()) }
    }

    fn number(&self, text: &str) -> Result<i64, String> {
        let named = self.names.iter().zip(self.least..).find(|(name, _)| name.eq_ignore_ascii_case(text));
        named.map_or_else(|| number(text), |(_, number)| Ok(number))
    }
}

fn number(text: &str) -> Result<i64, String> {
    text.parse::<i64>().ok().filter(|n| (0..=MAX).contains(n)).ok_or_else(|| format!("`{text}` is no number"))
}

/// What a name of a time zone looks like; which there are only the server knows
/// (validateTimeZone).
fn time_zone<'a>(part: Part<'a>, report: &mut Report<'a>) {
    let Some(text) = part.str() else { return };
    let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
    let segment = |part: &str| {
        (1..=14).contains(&part.len())
            && part.bytes().all(letter)
            && !part.starts_with('-')
            && !matches!(part, "." | "..")
    };
    if text.eq_ignore_ascii_case("local") {
        report
            .add(&E0462, part, "`Local` names no time zone")
            .help("name it: `Europe/Berlin`, or `Etc/UTC`; without `timeZone` it is the controller's own");
    } else if !text.split('/').all(segment) {
        report
            .add(&E0462, part, format!("`{text}` is not the name of a time zone"))
            .help("names are as in the IANA database: `Europe/Berlin`, `Etc/UTC`");
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_schedules_as_the_server_does() {
        for right in [
            "* * * * *",
            "*/5 * * * *",
            "0 3 * * 1-5",
            "0 0 1,15 JAN-mar ?",
            "5/10 * * * Sun",
            "1-5/2 0 * * *",
            "@daily",
            "@every 1h30m",
            "@every -1s",
            "*-x 0 1 1 0",
            ", 0 1 1 0",
            "  0   0 1 1 0 ",
            "+5 00 1 1 0",
        ] {
            assert_eq!(parse(right), Ok(()), "{right}");
        }
        for wrong in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "*/0 * * * *",
            "5-1 * * * *",
            "1-2-3 * * * *",
            "1/2/3 * * * *",
            "a * * * *",
            "@Daily",
            "@every",
            "@every x",
            "-1 * * * *",
            "* * * foo *",
            "/5 * * * *",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
