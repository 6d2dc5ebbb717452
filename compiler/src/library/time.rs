//! The fields of timestamps, in UTC or a time zone, and of durations.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::eval::Fault;
use crate::units::{Duration, Timestamp, check_timestamp};
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
    let (second, nanosecond) = seconds(timestamp);
    let second = second + offset;
    let days = second.div_euclid(DAY);
    let (year, month, day) = civil(days);
    Moment { days, year, month, day, second: second.rem_euclid(DAY), nanosecond }
}

/// The whole seconds since 1970, downwards, and the nanoseconds that are left.
pub(super) fn seconds(timestamp: Timestamp) -> (i64, i64) {
    let (second, nano) = (timestamp.as_second(), i64::from(timestamp.subsec_nanosecond()));
    if nano < 0 { (second - 1, nano + NANOS) } else { (second, nano) }
}

/// A timestamp from whole seconds since 1970; `None` outside CEL's range.
pub(super) fn from_seconds(second: i64) -> Option<Timestamp> {
    check_timestamp(Timestamp::from_second(second).ok()?).ok()
}

/// Days from 1970 to a date, by the rule for 400 years that begin in March.
const fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a number of days since 1970.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
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
    Ok(i64::from(found.to_offset(timestamp).seconds()))
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
