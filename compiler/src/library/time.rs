//! The fields of timestamps, in UTC or a time zone, and of durations.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::eval::Fault;
use crate::units::{Duration, Timestamp, civil, days_before};
use crate::value::Value;

use super::Sig::{self, Int, String as Text};
use super::arguments::{Outcome, no_overload, quoted};
use super::signature::{Overload, method};
use super::{Function, Since};

const DAY: i64 = 86_400;
const NANOS: i64 = 1_000_000_000;

const DATE: &[Overload] = &[method(&[Sig::Timestamp], Int), method(&[Sig::Timestamp, Text], Int)];
const CLOCK: &[Overload] =
    &[method(&[Sig::Timestamp], Int), method(&[Sig::Timestamp, Text], Int), method(&[Sig::Duration], Int)];

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "getDate",
        overloads: DATE,
        eval: |_, args| date("getDate", args, |moment| moment.day),
        since: Since::Always,
        doc: "The day of the month, from 1, in UTC or the time zone (`Europe/Berlin`, `+02:00`).",
    },
    Function {
        name: "getDayOfMonth",
        overloads: DATE,
        eval: |_, args| date("getDayOfMonth", args, |moment| moment.day - 1),
        since: Since::Always,
        doc: "The day of the month, from 0, in UTC or the time zone.",
    },
    Function {
        name: "getDayOfWeek",
        overloads: DATE,
        eval: |_, args| date("getDayOfWeek", args, |moment| (moment.days + 4).rem_euclid(7)),
        since: Since::Always,
        doc: "The day of the week, 0 for Sunday, in UTC or the time zone.",
    },
    Function {
        name: "getDayOfYear",
        overloads: DATE,
        eval: |_, args| date("getDayOfYear", args, |moment| moment.days - days_before(moment.year, 1, 1)),
        since: Since::Always,
        doc: "The day of the year, from 0, in UTC or the time zone.",
    },
    Function {
        name: "getFullYear",
        overloads: DATE,
        eval: |_, args| date("getFullYear", args, |moment| moment.year),
        since: Since::Always,
        doc: "The year, in UTC or the time zone.",
    },
    Function {
        name: "getHours",
        overloads: CLOCK,
        eval: |_, args| clock("getHours", args, |moment| moment.second / 3600, NANOS * 3600),
        since: Since::Always,
        doc: "The hour of the day, in UTC or the time zone; of a Duration its whole hours.",
    },
    Function {
        name: "getMilliseconds",
        overloads: CLOCK,
        eval: |_, args| clock("getMilliseconds", args, |moment| moment.nanosecond / 1_000_000, 1_000_000),
        since: Since::Always,
        doc: "The milliseconds of the second; of a Duration all its milliseconds.",
    },
    Function {
        name: "getMinutes",
        overloads: CLOCK,
        eval: |_, args| clock("getMinutes", args, |moment| moment.second / 60 % 60, NANOS * 60),
        since: Since::Always,
        doc: "The minute of the hour; of a Duration its whole minutes.",
    },
    Function {
        name: "getMonth",
        overloads: DATE,
        eval: |_, args| date("getMonth", args, |moment| moment.month - 1),
        since: Since::Always,
        doc: "The month, 0 for January, in UTC or the time zone.",
    },
    Function {
        name: "getSeconds",
        overloads: CLOCK,
        eval: |_, args| clock("getSeconds", args, |moment| moment.second % 60, NANOS),
        since: Since::Always,
        doc: "The second of the minute; of a Duration its whole seconds.",
    },
];

/// A moment in a time zone.
struct Moment {
    /// Days since 1970.
    days: i64,
    year: i64,
    /// From 1.
    month: i64,
    /// From 1.
    day: i64,
    /// Of the day.
    second: i64,
    /// Of the second.
    nanosecond: i64,
}

fn date(name: &str, args: &[Value], field: fn(&Moment) -> i64) -> Outcome {
    let moment = match args {
        [Value::Timestamp(t)] => moment(*t, 0),
        [Value::Timestamp(t), Value::String(zone)] => moment(*t, offset(*t, zone)?),
        _ => return Err(no_overload(name, args)),
    };
    Ok(Value::Int(field(&moment)))
}

/// Like [`date`], and of a Duration how often `unit` nanoseconds go into it.
fn clock(name: &str, args: &[Value], field: fn(&Moment) -> i64, unit: i64) -> Outcome {
    if let [Value::Duration(duration)] = args {
        let whole = duration.as_nanos() / i128::from(unit);
        return i64::try_from(whole).map(Value::Int).map_err(|_| no_overload(name, args));
    }
    date(name, args, field)
}

fn moment(timestamp: Timestamp, offset: i64) -> Moment {
    let second = timestamp.second() + offset;
    let nanosecond = i64::from(timestamp.nanosecond());
    let days = second.div_euclid(DAY);
    let (year, month, day) = civil(days);
    Moment { days, year, month, day, second: second.rem_euclid(DAY), nanosecond }
}

/// The bundled zones: the host's own could differ from machine to machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Seconds east of UTC at a moment, for `Europe/Berlin` or `+02:00`.
fn offset(timestamp: Timestamp, zone: &str) -> Result<i64, Fault> {
    if let Some((hours, minutes)) = zone.split_once(':') {
        return fixed_offset(hours, minutes).ok_or_else(|| unknown_zone(zone));
    }
    if zone.is_empty() || zone == "UTC" {
        return Ok(0);
    }
    let found: Option<TimeZone> = ZONES.get(zone).ok().filter(|tz| tz.iana_name() == Some(zone));
    let found = found.ok_or_else(|| unknown_zone(zone))?;
    // The zones know no time after jiff's last; the rules of then go on.
    let moment = jiff::Timestamp::from_second(timestamp.second()).unwrap_or(jiff::Timestamp::MAX);
    Ok(i64::from(found.to_offset(moment).seconds()))
}

fn fixed_offset(hours: &str, minutes: &str) -> Option<i64> {
    let minute: i64 = minutes.parse().ok().filter(|minute| (0..60).contains(minute))?;
    let hour: i64 = hours.parse().ok().filter(|hour| (-99..100).contains(hour))?;
    let sign = if hours.starts_with('-') { -1 } else { 1 };
    Some(hour * 3600 + sign * minute * 60)
}

#[cold]
fn unknown_zone(zone: &str) -> Fault {
    Fault::error(format!(
        "unknown time zone {}: write an IANA name like \"Europe/Berlin\" or an offset like \"+02:00\"",
        quoted(zone)
    ))
}

/// All nanoseconds of a duration, where they fit.
pub(super) fn nanoseconds(duration: Duration) -> Option<i64> {
    i64::try_from(duration.as_nanos()).ok()
}
