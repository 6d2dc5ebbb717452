//! The lease of a composite: from when, until when, and whether it has run out.
//! All of it is kept in the status, so that nothing restarts it. `spec.lease.renewedAt`
//! renews it: a larger time, not in the future.

use jiff::{SignedDuration, Timestamp};
use tessera_compiler::instantiate::LeaseTerms;
use tessera_compiler::units;
use tessera_compiler::value::{Map, Value};

/// A lease that is made shorter so that it would be over gets so much time, and so does one that was
/// over so long before anyone looked.
const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// Where a lease stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// From when it runs; not yet known while the instance was never ready.
    pub started: Option<Timestamp>,
    /// Until when.
    pub expires: Option<Timestamp>,
    /// It has run out.
    pub expired: bool,
    /// When it ran out, where that was seen late: it has some minutes from then.
    pub overdue: Option<Timestamp>,
    /// After what time there is something new to say.
    pub next: Option<SignedDuration>,
    /// The warnings that are due, the last one first told.
    pub warned: Vec<units::Duration>,
    /// A warning is due that was not told yet.
    pub warns: bool,
    /// Why a renewal is not taken.
    pub refused: Option<&'static str>,
}

/// Where the lease of an object stands.
#[must_use]
pub fn at(terms: &LeaseTerms, object: &Value, ready: bool, now: Timestamp) -> Lease {
    let text = |path: &[&str]| object.at(path).and_then(Value::as_str);
    let time = |path: &[&str]| text(path).and_then(|text| text.parse::<Timestamp>().ok());
    let later = |from: Timestamp, by: SignedDuration| from.checked_add(by).unwrap_or(Timestamp::MAX);
    let created = time(&["metadata", "creationTimestamp"]).unwrap_or(now);
    // What lies beyond the last time that there is never comes.
    let latest = terms.max_wait.map(|wait| later(created, wait));
    let kept = time(&["status", "lease", "expiresAt"]);
    let over = text(&["status", "lease", "phase"]) == Some("Expired");
    let mut started = time(&["status", "lease", "startedAt"])
        .or(terms.from_creation.then_some(created))
        .or(ready.then_some(now))
        .or(latest.filter(|latest| *latest <= now));
    let asked = time(&["spec", "lease", "renewedAt"]);
    // Once objects are being deleted, only a renewal from after the end makes them again.
    let mut refused = match (asked, kept) {
        (Some(asked), _) if asked > now => Some("`spec.lease.renewedAt` lies in the future"),
        (Some(asked), Some(kept)) if over && asked <= kept => Some("the lease was over before it was renewed"),
        (None, _) if text(&["spec", "lease", "renewedAt"]).is_some() => Some("`spec.lease.renewedAt` is no time"),
        _ => None,
    };
    let renewed = asked.filter(|asked| refused.is_none() && started.is_some_and(|started| *asked > started));
    if over && renewed.is_some() {
        started = renewed;
    }
    let mut end = renewed.or(started).map(|from| later(from, terms.duration));
    // Renewals do not add up to more than the type allows of one lease.
    let last = started.zip(terms.longest).map(|(started, longest)| later(started, longest));
    if end > last && last.is_some() {
        refused =
            refused.or(renewed.map(|_| "the lease would be longer than its type allows, and ends when that is over"));
        end = last;
    }
    let late = text(&["status", "lease", "phase"]) == Some("Overdue");
    let missed = |end: Timestamp| late || later(kept.map_or(end, |kept| kept.max(end)), GRACE) <= now;
    let mut overdue = end.filter(|end| !over && *end <= now && missed(*end));
    let expires = match (end, kept) {
        (Some(_), Some(kept)) if over && renewed.is_none() => Some(kept),
        (Some(_), Some(kept)) if overdue.is_some() && late => Some(kept),
        (Some(_), _) if overdue.is_some() => Some(later(now, GRACE)),
        (Some(end), Some(kept)) if end <= now && kept > now => Some(kept.min(later(now, GRACE))),
        _ => end,
    };
    let expired = expires.is_some_and(|expires| expires <= now);
    if expired {
        overdue = None;
    }
    let mut warnings = terms.warnings.clone();
    warnings.sort();
    let due = |before: &units::Duration| {
        expires.is_some_and(|expires| expires.checked_sub(*before).is_ok_and(|due| due <= now))
    };
    let warned: Vec<units::Duration> = warnings.iter().copied().filter(due).collect();
    let told = object.at(&["status", "lease", "warned"]).and_then(Value::as_list).map_or(0, <[Value]>::len);
    // Another end has warnings of its own; several that were missed are told as one.
    let told = if kept.map(Timestamp::as_second) == expires.map(Timestamp::as_second) { told } else { 0 };
    let warns = !expired && (warned.len() > told || overdue.is_some() && !late);
    let coming = warnings.iter().filter(|before| !due(before)).filter_map(|before| expires?.checked_sub(*before).ok());
    let next = coming.chain(expires.or(latest)).map(|then| now.duration_until(then));
    let next = next.filter(|left| *left > SignedDuration::ZERO).min();
    Lease { started, expires, expired, overdue, next, warned, warns, refused }
}

impl Lease {
    /// What the status tells of it.
    #[must_use]
    pub fn status(&self) -> Value {
        let mut map = Map::default();
        if let (Some(started), Some(expires)) = (self.started, self.expires) {
            map.insert("startedAt", Value::str(&seconds(started)));
            map.insert("expiresAt", Value::str(&seconds(expires)));
        }
        let phase = match (self.expired, self.started) {
            (true, _) => "Expired",
            (false, _) if self.overdue.is_some() => "Overdue",
            (false, Some(_)) => "Active",
            (false, None) => "Pending",
        };
        map.insert("phase", Value::str(phase));
        if !self.warned.is_empty() {
            let warned = self.warned.iter().map(|before| Value::str(&units::format_duration(*before)));
            map.insert("warned", Value::list(warned.collect()));
        }
        Value::map(map)
    }

    /// When it ends, for people.
    #[must_use]
    pub fn end(&self) -> String {
        self.expires.map(seconds).unwrap_or_default()
    }

    /// When it ran out unseen, for people.
    #[must_use]
    pub fn missed(&self) -> Option<String> {
        self.overdue.map(seconds)
    }
}

/// RFC 3339, to the second, as Kubernetes writes times.
fn seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::at;
    use jiff::{SignedDuration, Timestamp};
    use tessera_compiler::instantiate::LeaseTerms;
    use tessera_compiler::value::{Value, from_json};

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn lease_of(from_creation: bool, max_wait: Option<SignedDuration>) -> LeaseTerms {
        LeaseTerms { duration: HOUR, longest: None, from_creation, max_wait, warnings: Vec::new() }
    }

    fn object(created: &str, started: Option<&str>) -> Value {
        from_json(&serde_json::json!({
            "metadata": { "creationTimestamp": created }, "status": { "lease": { "startedAt": started } },
        }))
    }

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn it_runs_from_the_first_time_ready_and_never_again() {
        let terms = lease_of(false, None);
        let fresh = object("2026-01-01T00:00:00Z", None);
        let waiting = at(&terms, &fresh, false, time("2026-01-01T05:00:00Z"));
        assert_eq!((waiting.started, waiting.expires, waiting.expired, waiting.next), (None, None, false, None));
        let ready = at(&terms, &fresh, true, time("2026-01-01T05:00:00Z"));
        assert_eq!((ready.expires, ready.next), (Some(time("2026-01-01T06:00:00Z")), Some(HOUR)));
        let begun = object("2026-01-01T00:00:00Z", Some("2026-01-01T05:00:00Z"));
        let later = at(&terms, &begun, true, time("2026-01-01T05:45:00Z"));
        assert_eq!(later.next, Some(SignedDuration::from_mins(15)));
        assert!(at(&terms, &begun, true, time("2026-01-01T06:00:00Z")).expired);
    }

    #[test]
    fn it_begins_at_the_latest_after_the_longest_wait() {
        let terms = lease_of(false, Some(HOUR));
        let fresh = object("2026-01-01T00:00:00Z", None);
        assert_eq!(at(&terms, &fresh, false, time("2026-01-01T00:30:00Z")).next, Some(SignedDuration::from_mins(30)));
        assert_eq!(at(&terms, &fresh, false, time("2026-01-01T01:00:00Z")).started, Some(time("2026-01-01T01:00:00Z")));
        let terms = lease_of(true, None);
        assert!(at(&terms, &fresh, false, time("2026-01-01T01:00:00Z")).expired);
        let endless = LeaseTerms { duration: SignedDuration::MAX, ..lease_of(true, None) };
        assert!(!at(&endless, &fresh, false, time("2026-01-01T01:00:00Z")).expired);
    }

    fn active(renewed: &str, expires: &str, phase: &str) -> Value {
        from_json(&serde_json::json!({
            "spec": { "lease": { "renewedAt": renewed } },
            "status": { "lease": { "startedAt": "2026-01-01T00:00:00Z", "expiresAt": expires, "phase": phase } },
        }))
    }

    #[test]
    fn it_is_renewed_until_it_is_over_and_revived_by_a_later_time_alone() {
        let terms = lease_of(false, None);
        let end = "2026-01-01T01:00:00Z";
        let renewed = at(&terms, &active("2026-01-01T00:30:00Z", end, "Active"), true, time("2026-01-01T00:45:00Z"));
        assert_eq!((renewed.expires, renewed.refused), (Some(time("2026-01-01T01:30:00Z")), None));
        let ahead = at(&terms, &active("2026-01-01T00:50:00Z", end, "Active"), true, time("2026-01-01T00:45:00Z"));
        assert_eq!(ahead.expires, Some(time(end)));
        assert!(ahead.refused.is_some());
        let late = at(&terms, &active("2026-01-01T00:50:00Z", end, "Expired"), true, time("2026-01-01T01:45:00Z"));
        assert!(late.expired && late.refused.is_some());
        let revived = at(&terms, &active("2026-01-01T01:40:00Z", end, "Expired"), true, time("2026-01-01T01:45:00Z"));
        assert_eq!((revived.expired, revived.started), (false, Some(time("2026-01-01T01:40:00Z"))));
        assert_eq!(revived.expires, Some(time("2026-01-01T02:40:00Z")));
        let wrong = at(&terms, &active("soon", end, "Active"), true, time("2026-01-01T00:45:00Z"));
        assert_eq!((wrong.expires, wrong.refused), (Some(time(end)), Some("`spec.lease.renewedAt` is no time")));
    }

    #[test]
    fn what_is_made_shorter_into_the_past_gets_some_minutes() {
        let terms = LeaseTerms { duration: SignedDuration::from_mins(10), ..lease_of(false, None) };
        let mut object = active("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", "Active");
        let shorter = at(&terms, &object, true, time("2026-01-01T00:30:00Z"));
        assert_eq!(shorter.expires, Some(time("2026-01-01T00:35:00Z")));
        object = active("2026-01-01T00:00:00Z", "2026-01-01T00:35:00Z", "Active");
        assert!(!at(&terms, &object, true, time("2026-01-01T00:34:00Z")).expired);
        assert!(at(&terms, &object, true, time("2026-01-01T00:35:00Z")).expired);
    }

    #[test]
    fn renewals_end_when_the_longest_lease_is_over() {
        let terms = LeaseTerms { longest: Some(HOUR * 2), ..lease_of(false, None) };
        let end = "2026-01-01T01:50:00Z";
        let first = at(&terms, &active("2026-01-01T00:50:00Z", end, "Active"), true, time("2026-01-01T01:00:00Z"));
        assert_eq!((first.expires, first.refused), (Some(time(end)), None));
        let last = at(&terms, &active("2026-01-01T01:45:00Z", end, "Active"), true, time("2026-01-01T01:45:00Z"));
        assert_eq!(last.expires, Some(time("2026-01-01T02:00:00Z")));
        assert!(last.refused.is_some());
        let over = at(&terms, &active("2026-01-01T01:45:00Z", end, "Active"), true, time("2026-01-01T02:00:00Z"));
        assert!(over.expired);
        // What is made anew begins anew.
        let object = active("2026-01-01T03:00:00Z", "2026-01-01T02:00:00Z", "Expired");
        let revived = at(&terms, &object, true, time("2026-01-01T03:00:00Z"));
        assert_eq!((revived.expires, revived.refused), (Some(time("2026-01-01T04:00:00Z")), None));
    }

    #[test]
    fn what_ran_out_unseen_gets_some_minutes_once() {
        let terms = lease_of(false, None);
        let end = "2026-01-01T01:00:00Z";
        let soon = at(&terms, &active("", end, "Active"), true, time("2026-01-01T01:04:59Z"));
        assert!(soon.expired && soon.overdue.is_none(), "that is no more than a late answer");
        let late = at(&terms, &active("", end, "Active"), true, time("2026-01-01T05:00:00Z"));
        assert_eq!((late.expired, late.overdue, late.warns), (false, Some(time(end)), true));
        assert_eq!((late.expires, late.next), (Some(time("2026-01-01T05:05:00Z")), Some(SignedDuration::from_mins(5))));
        let grace = active("", "2026-01-01T05:05:00Z", "Overdue");
        let then = at(&terms, &grace, true, time("2026-01-01T05:04:00Z"));
        assert_eq!((then.expired, then.expires, then.warns), (false, late.expires, false));
        for over in ["2026-01-01T05:05:00Z", "2026-01-01T09:00:00Z"] {
            let over = at(&terms, &grace, true, time(over));
            assert_eq!((over.expired, over.overdue, over.expires), (true, None, late.expires));
        }
        let renewed = active("2026-01-01T05:02:00Z", "2026-01-01T05:05:00Z", "Overdue");
        let renewed = at(&terms, &renewed, true, time("2026-01-01T05:04:00Z"));
        assert_eq!((renewed.overdue, renewed.expires), (None, Some(time("2026-01-01T06:02:00Z"))));
    }

    #[test]
    fn each_warning_is_told_once_and_missed_ones_as_one() {
        let warnings = [SignedDuration::from_mins(30), SignedDuration::from_mins(10)].to_vec();
        let terms = LeaseTerms { warnings, ..lease_of(false, None) };
        let object = |warned: &[&str]| {
            from_json(&serde_json::json!({ "status": { "lease": {
                "startedAt": "2026-01-01T00:00:00Z", "expiresAt": "2026-01-01T01:00:00Z", "warned": warned,
            } } }))
        };
        let early = at(&terms, &object(&[]), true, time("2026-01-01T00:20:00Z"));
        assert_eq!((early.warns, early.next), (false, Some(SignedDuration::from_mins(10))));
        let first = at(&terms, &object(&[]), true, time("2026-01-01T00:30:00Z"));
        assert_eq!((first.warns, first.warned.len(), first.next), (true, 1, Some(SignedDuration::from_mins(20))));
        assert!(!at(&terms, &object(&["30m"]), true, time("2026-01-01T00:31:00Z")).warns);
        let both = at(&terms, &object(&[]), true, time("2026-01-01T00:55:00Z"));
        assert_eq!((both.warns, both.warned.len()), (true, 2));
    }
}
