//! Expressions of CEL, made from a seed, and how an API server evaluates them:
//! in ValidatingAdmissionPolicies whose bindings warn of each rule that fails,
//! which brings the value of every expression, or its error, in one answer.

use std::iter;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::grammar::expression;
use crate::cluster::Result;
use crate::cluster::client::Client;
use crate::cluster::verdict::Verdict;
use crate::corpus::Random;

/// What comes of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has a value, in the words of `string(…)` or `%s`.
    Value(String),
    /// It has none.
    Fault(String),
    /// It does not compile.
    Refused(String),
    /// A constant in it has no value, whether that is needed or not: the server
    /// evaluates constants before it looks at what they are for.
    Constant(String),
    /// The server's answer does not tell.
    Unknown(String),
}

/// The expressions of a seed, each made so that it is a string.
#[must_use]
pub fn expressions(seed: u64, count: usize) -> Vec<String> {
    (0..count as u64).map(|n| expression(&mut Random::new(seed.wrapping_mul(0x5851_F42D).wrapping_add(n)))).collect()
}

/// How many rules a policy has: that many warnings are never dropped, since a
/// server keeps 256 characters of each when they are longer than 4,096 in all.
const RULES: usize = 15;

/// What the first rule of each policy says: that the server knows the policy.
const READY: &str = "the policy is known";

/// A server looks for new policies every second.
const KNOWN_WITHIN: Duration = Duration::from_secs(60);

/// What a server says of constants without a value.
const CONSTANTS: &[&str] = &[
    "program instantiation failed",
    "invalid duration argument",
    "invalid timestamp argument",
    "invalid matches argument",
];

const NAME: &str = "cel";

/// Evaluates the expressions.
///
/// # Errors
/// When the server does not answer, or does not know a policy soon.
pub fn on_server(client: &Client, expressions: &[String]) -> Result<Vec<Outcome>> {
    let numbered: Vec<(usize, &String)> = expressions.iter().enumerate().collect();
    let batches: Vec<&[(usize, &String)]> = numbered.chunks(RULES).collect();
    let mut outcomes = vec![Outcome::Unknown("nothing was said".to_owned()); expressions.len()];
    let mut sound = Vec::new();
    // What does not compile is found without keeping anything.
    let policies: Vec<Json> = batches.iter().enumerate().map(|(i, batch)| policy(i, batch)).collect();
    for ((i, batch), verdict) in batches.iter().enumerate().zip(client.dry_runs(&policies, 4)) {
        let mut kept = batch.to_vec();
        if let Verdict::Refused(refusal) = verdict? {
            for cause in &refusal.causes {
                let index = cause.field.split(['[', ']']).nth(1).and_then(|n| n.parse::<usize>().ok());
                let Some((number, _)) = index.and_then(|index| batch.get(index.checked_sub(1)?)) else {
                    return Err(format!("a policy is refused: {refusal}"));
                };
                kept.retain(|(n, _)| n != number);
                if let Some(outcome) = outcomes.get_mut(*number) {
                    let constant = CONSTANTS.iter().any(|text| cause.message.contains(text));
                    let of = if constant { Outcome::Constant } else { Outcome::Refused };
                    *outcome = of(cause.message.clone());
                }
            }
        }
        if !kept.is_empty() {
            sound.push((i, kept));
        }
    }
    let made: Vec<Json> = sound.iter().flat_map(|(i, batch)| [policy(*i, batch), binding(*i)]).collect();
    for object in &made {
        if let Some(refusal) = client.create(object)?.refusal() {
            return Err(format!("a policy is refused: {refusal}"));
        }
    }
    for (i, batch) in &sound {
        let warnings = warnings(client, *i)?;
        for (number, _) in batch {
            let said = warnings.iter().find_map(|warning| said(warning, *number));
            if let (Some(said), Some(outcome)) = (said, outcomes.get_mut(*number)) {
                *outcome = said;
            }
        }
    }
    for object in &made {
        let text = |path: &str| object.pointer(path).and_then(Json::as_str).unwrap_or_default();
        let kind = text("/kind").to_lowercase();
        let plural = if kind.ends_with('y') { kind.replace("policy", "policies") } else { format!("{kind}s") };
        let name = text("/metadata/name");
        client.delete(&format!("/apis/admissionregistration.k8s.io/v1/{plural}/{name}"))?;
    }
    Ok(outcomes)
}

/// What a server warns of for the object that a policy is about; again, until
/// the server knows the policy.
fn warnings(client: &Client, policy: usize) -> Result<Vec<String>> {
    let metadata = json!({ "name": format!("{NAME}-{policy}"), "namespace": "default" });
    let object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata });
    let started = Instant::now();
    loop {
        let Verdict::Accepted { warnings, .. } = client.dry_run(&object)? else {
            return Err("a ConfigMap is refused".to_owned());
        };
        if warnings.iter().any(|warning| warning.contains(READY)) {
            return Ok(warnings);
        }
        if started.elapsed() > KNOWN_WITHIN {
            return Err(format!("the server does not know policy {policy}"));
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// What a warning says of the expression with this number.
fn said(warning: &str, number: usize) -> Option<Outcome> {
    if let Some((_, value)) = warning.split_once(&format!("#{number}=")) {
        let value = value.strip_suffix(';');
        return Some(value.map_or_else(
            || Outcome::Unknown("a value that was cut off".to_owned()),
            |value| Outcome::Value(value.to_owned()),
        ));
    }
    let (_, rest) = warning.split_once(&format!("'{number} == 0 "))?;
    let fault = rest.rsplit_once("resulted in error: ").map_or("", |(_, fault)| fault);
    Some(Outcome::Fault(fault.to_owned()))
}

fn policy(index: usize, batch: &[(usize, &String)]) -> Json {
    let ready = json!({ "expression": "false", "message": READY });
    let rule = |(number, expression): &(usize, &String)| {
        // The message of a rule that has an error is the error.
        json!({
            "expression": format!("{number} == 0 && false || [{expression}].size() == 0"),
            "messageExpression": format!("'#{number}=' + {expression} + ';'"),
        })
    };
    let rules: Vec<Json> = iter::once(ready).chain(batch.iter().map(rule)).collect();
    let name = format!("{NAME}-{index}");
    let resources = json!({ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"],
        "resourceNames": [name] });
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": { "name": name },
        "spec": { "failurePolicy": "Fail", "matchConstraints": { "resourceRules": [resources] }, "validations": rules },
    })
}

fn binding(index: usize) -> Json {
    let name = format!("{NAME}-{index}");
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": { "name": name }, "spec": { "policyName": name, "validationActions": ["Warn"] },
    })
}
