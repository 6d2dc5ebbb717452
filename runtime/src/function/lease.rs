//! The lease of a composite: from when, until when, and whether it has run out.
//! Its beginning is kept in the status, so that nothing restarts it.

use jiff::{SignedDuration, Timestamp};
use tessera_compiler::instantiate::LeaseTerms;
use tessera_compiler::value::{Map, Value};

/// Where a lease stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// From when it runs; not yet known while the instance was never ready.
    pub started: Option<Timestamp>,
    /// Until when.
    pub expires: Option<Timestamp>,
    /// It has run out.
    pub expired: bool,
    /// After what time there is something new to say.
    pub next: Option<SignedDuration>,
}

/// Where the lease of an object stands.
#[must_use]
pub fn at(terms: &LeaseTerms, object: &Value, ready: bool, now: Timestamp) -> Lease {
    let time = |path: &[&str]| object.at(path).and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    let created = time(&["metadata", "creationTimestamp"]).unwrap_or(now);
    // What lies beyond the last time that there is never comes.
    let latest = terms.max_wait.map(|wait| created.checked_add(wait).unwrap_or(Timestamp::MAX));
    let started = time(&["status", "lease", "startedAt"])
        .or(terms.from_creation.then_some(created))
        .or(ready.then_some(now))
        .or(latest.filter(|latest| *latest <= now));
    let expires = started.map(|started| started.checked_add(terms.duration).unwrap_or(Timestamp::MAX));
    let next = expires.or(latest).map(|then| now.duration_until(then)).filter(|left| *left > SignedDuration::ZERO);
    Lease { started, expires, expired: expires.is_some_and(|expires| expires <= now), next }
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
            (false, Some(_)) => "Active",
            (false, None) => "Pending",
        };
        map.insert("phase", Value::str(phase));
        Value::map(map)
    }
}

/// RFC 3339, to the second, as Kubernetes writes times.
fn seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Lease, at};
    use jiff::{SignedDuration, Timestamp};
    use tessera_compiler::instantiate::LeaseTerms;
    use tessera_compiler::value::{Value, from_json};

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

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
        let terms = LeaseTerms { duration: HOUR, from_creation: false, max_wait: None };
        let fresh = object("2026-01-01T00:00:00Z", None);
        let waiting = at(&terms, &fresh, false, time("2026-01-01T05:00:00Z"));
        assert_eq!(waiting, Lease { started: None, expires: None, expired: false, next: None });
        let ready = at(&terms, &fresh, true, time("2026-01-01T05:00:00Z"));
        assert_eq!((ready.expires, ready.next), (Some(time("2026-01-01T06:00:00Z")), Some(HOUR)));
        let begun = object("2026-01-01T00:00:00Z", Some("2026-01-01T05:00:00Z"));
        let later = at(&terms, &begun, true, time("2026-01-01T05:45:00Z"));
        assert_eq!(later.next, Some(SignedDuration::from_mins(15)));
        assert!(at(&terms, &begun, true, time("2026-01-01T06:00:00Z")).expired);
    }

    #[test]
    fn it_begins_at_the_latest_after_the_longest_wait() {
        let terms = LeaseTerms { duration: HOUR, from_creation: false, max_wait: Some(HOUR) };
        let fresh = object("2026-01-01T00:00:00Z", None);
        assert_eq!(at(&terms, &fresh, false, time("2026-01-01T00:30:00Z")).next, Some(SignedDuration::from_mins(30)));
        assert_eq!(at(&terms, &fresh, false, time("2026-01-01T01:00:00Z")).started, Some(time("2026-01-01T01:00:00Z")));
        let terms = LeaseTerms { duration: HOUR, from_creation: true, max_wait: None };
        assert!(at(&terms, &fresh, false, time("2026-01-01T01:00:00Z")).expired);
        let endless = LeaseTerms { duration: SignedDuration::MAX, from_creation: true, max_wait: None };
        assert!(!at(&endless, &fresh, false, time("2026-01-01T01:00:00Z")).expired);
    }
}
