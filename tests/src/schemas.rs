//! What a server says of instances beside what `tessera check` says: whether both
//! accept the same, and fill in the same.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use tessera_compiler::ir::Composite;
use tessera_compiler::units::{Quantity, parse_duration, parse_timestamp};
use tessera_compiler::value::to_json;

use crate::cluster::client::Client;
use crate::cluster::verdict::Verdict;
use crate::corpus::{File, Random};
use crate::instances;

/// An instance, with our verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The object.
    pub object: Json,
    /// What was changed in a valid one.
    pub change: String,
    /// Its parameters, or what we have against it.
    pub ours: Result<Json, String>,
}

/// Whether the two are meant to differ on an instance, given what the server says.
pub type Intended = fn(&Judged, &Verdict) -> bool;

/// What our check says of the parameters of instances: with defaults filled in, or
/// the first complaint.
fn ours(files: &[File], objects: &[Json]) -> Vec<Result<Json, String>> {
    let verdict =
        |verdict: instances::Verdict| match verdict.complaints.iter().find(|(code, _)| is_about_parameters(code)) {
            Some((code, message)) => Err(format!("{code}: {message}")),
            None => verdict.params.as_ref().map(to_json).ok_or_else(|| "no parameters".to_owned()),
        };
    instances::judge(files, objects).into_iter().map(verdict).collect()
}

/// Not about the objects that come of them: those no schema of the API knows.
fn is_about_parameters(code: &str) -> bool {
    code.starts_with("E03") || code.starts_with("E05") || ["E0606", "E0902", "E0904"].contains(&code)
}

/// Valid instances, as many with one change, and some that were made invalid.
#[must_use]
pub fn judged(files: &[File], composite: &Composite) -> Vec<Judged> {
    let (count, mut random) = (instances::count(), Random::new(7));
    let sample = instances::sample(files, composite, count, 7);
    let valid: Vec<Json> = sample.valid.into_iter().map(|instance| instance.object).collect();
    let mut all: Vec<(Json, String)> = valid.iter().map(|object| (object.clone(), "nothing".to_owned())).collect();
    let changed = valid.iter().filter_map(|object| instances::change(composite, object, &mut random));
    all.extend(changed.map(|(object, change)| (object, change.to_string())));
    let refused = sample.refused.into_iter().take(count / 4);
    all.extend(refused.map(|(object, _)| (object, "made invalid".to_owned())));
    let objects: Vec<Json> = all.iter().map(|(object, _)| object.clone()).collect();
    let verdicts = ours(files, &objects);
    all.into_iter().zip(verdicts).map(|((object, change), ours)| Judged { object, change, ours }).collect()
}

/// Whether both have the same fields and values, however units are written.
/// What is in ours only stands in a case of a union, whose defaults a schema
/// cannot fill in.
fn same(ours: &Json, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Json::Object(a), Json::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let cases = ["kind", "as"].iter().any(|key| a.contains_key(*key));
            keys.into_iter().all(|key| match (a.get(key), b.get(key)) {
                (Some(a), Some(b)) => same(a, b),
                (Some(_), None) => cases,
                _ => false,
            })
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::String(a), b) => {
            let b = b.as_str().map_or_else(|| b.to_string(), str::to_owned);
            let durations = || parse_duration(a).ok().is_some_and(|a| parse_duration(&b) == Ok(a));
            let quantities = || Quantity::parse(a).ok().is_some_and(|a| Quantity::parse(&b).is_ok_and(|b| a == b));
            let times = || parse_timestamp(a).ok().is_some_and(|a| parse_timestamp(&b) == Ok(a));
            *a == b || durations() || quantities() || times()
        }
        _ => ours == theirs,
    }
}

/// Has a server judge what we did, reports the rates, and returns what differs and is not meant to.
#[must_use]
pub fn compared(client: &Client, kind: &str, all: &[Judged], intended: &[Intended]) -> Vec<String> {
    let objects: Vec<Json> = all.iter().map(|judged| judged.object.clone()).collect();
    let mut differences = Vec::new();
    let (mut agreed, mut accepted, mut filled, mut meant) = (0, 0, 0, 0);
    for (judged, verdict) in all.iter().zip(client.dry_runs(&objects, 4)) {
        let verdict = match verdict {
            Ok(verdict) => verdict,
            Err(error) => {
                differences.push(error);
                continue;
            }
        };
        let complaint = match (&judged.ours, &verdict) {
            (Ok(params), Verdict::Accepted { object, .. }) => {
                accepted += 1;
                let empty = json!({});
                let same = same(params, object.get("spec").unwrap_or(&empty));
                filled += usize::from(same);
                (!same).then(|| format!("filled in otherwise: {params}\n      {object}"))
            }
            (Err(_), Verdict::Refused(_)) => None,
            (Err(said), Verdict::Accepted { .. }) => Some(format!("only we refuse: {said}")),
            (Ok(_), Verdict::Refused(refusal)) => Some(format!("only the server refuses: {refusal}")),
        };
        match complaint {
            None => agreed += 1,
            Some(_) if intended.iter().any(|is| is(judged, &verdict)) => meant += 1,
            Some(said) => {
                differences.push(format!("{kind}: {said} ({}): {}", judged.change, judged.object));
            }
        }
    }
    println!(
        "{kind:24} {:4} instances: {agreed:4} judged alike ({:.1} %), {meant} differ as intended, \
         {accepted} accepted by both, {filled} of them filled in alike",
        all.len(),
        agreed as f64 * 100.0 / all.len() as f64,
    );
    differences
}
