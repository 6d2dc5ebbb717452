//! Resources (ValidateResourceRequirements, validateOverhead,
//! validatePodResources, and `pkg/apis/core/helper/helpers.go` for the sorts of
//! resources).

use super::super::forms::{LABEL, LABEL_KEY};
use super::super::shape::{is, needed, unique};
use super::{Part, Pod, Report};
use crate::diagnostic::{E0441, E0442, E0444, E0446, E0448, W0807};
use crate::units::Quantity;

/// From how many whole CPUs on thousandths were likely meant, and below how
/// many bytes a larger unit was.
const MANY_CPUS: i64 = 50;
const FEW_BYTES: i64 = 100_000;

/// What a kind of resource is to the API server.
enum Sort {
    /// `cpu`, `memory`, `ephemeral-storage`: more may be limited than asked for.
    Common,
    /// `hugepages-2Mi`: whole pages.
    HugePages,
    /// One with a domain that is not Kubernetes' own: whole, and not shared.
    Extended,
    /// One with Kubernetes' own domain.
    Native,
}

/// The sort of a resource of a container, or why there is none such.
fn sort(name: &str) -> Result<Sort, &'static str> {
    if name.starts_with("hugepages-") && (LABEL_KEY.fits)(name) {
        return Ok(Sort::HugePages);
    }
    match name {
        "cpu" | "memory" | "ephemeral-storage" => Ok(Sort::Common),
        _ if !(LABEL_KEY.fits)(name) => Err("it is no valid name of a resource"),
        _ if !name.contains('/') => Err("containers have `cpu`, `memory`, `ephemeral-storage` and `hugepages-…`"),
        _ if name.contains("kubernetes.io/") => Ok(Sort::Native),
        _ if name.starts_with("requests.") || !(LABEL_KEY.fits)(&format!("requests.{name}")) => {
            Err("names of further resources do not start with `requests.`, and their domain is shorter")
        }
        _ => Ok(Sort::Extended),
    }
}

/// The requests and limits of a container.
pub(super) fn check<'a>(pod: &Pod<'a>, resources: Part<'a>, report: &mut Report<'a>) {
    if resources.is_absent() {
        return;
    }
    amounts(resources, sort, report);
    let claims = resources.get("claims").items().list;
    for claim in &claims {
        let name = claim.get("name");
        if name.str() == Some("") {
            needed(*claim, "name", name, "it is a claim of the pod", report);
        } else if let Some(text) = name.str().filter(|text| pod.claims.lacks(text)) {
            report
                .add(&E0444, name, format!("the pod has no claim `{text}`"))
                .help(pod.claims.help(text, "resourceClaims"));
        }
        let request = claim.get("request");
        if request.str() != Some("") {
            is(request, &LABEL, "name of a request", report);
        }
    }
    let known: Vec<_> = claims.iter().filter_map(|claim| named(*claim)).collect();
    unique(known.iter().copied(), &E0442, |(name, _)| format!("the claim `{name}` is given twice"), report);
    for ((name, request), part) in &known {
        // The whole claim has all its requests.
        let whole =
            known.iter().find(|((other, of_other), _)| request.is_some() && other == name && of_other.is_none());
        if let Some((_, other)) = whole {
            report
                .add(&E0442, *part, format!("the claim `{name}` is given as a whole and in part"))
                .also(*other, "as a whole here")
                .help("remove one of the two");
        }
    }
}

/// A claim of a container by its name and what it takes of it.
fn named(claim: Part<'_>) -> Option<((&str, Option<&str>), Part<'_>)> {
    let name = claim.get("name").str().filter(|name| !name.is_empty())?;
    let request = claim.get("request");
    let known = request.is_absent() || request.str().is_some();
    known.then(|| ((name, request.str().filter(|text| !text.is_empty())), claim))
}

/// What a pod takes beside its containers.
pub(in crate::rules) fn overhead<'a>(list: Part<'a>, report: &mut Report<'a>) {
    for (name, amount) in list.entries().list {
        one(name, amount, sort, report);
    }
}

/// The resources of the whole pod: at least those of its containers.
pub(super) fn of_pod<'a>(pod: &Pod<'a>, report: &mut Report<'a>) {
    let resources = pod.spec.get("resources");
    if resources.is_absent() {
        return;
    }
    if pod.spec.at(&["os", "name"]).str() == Some("windows") {
        report
            .add(&E0448, resources, "a pod on Windows has no resources as a whole")
            .help("give each container its `resources`");
        return;
    }
    let claims = resources.get("claims");
    if claims.is_present() {
        report
            .add(&E0448, claims, "the resources of a whole pod have no `claims`")
            .help("give them to the containers that need them");
    }
    let known = |name: &str| match name {
        "cpu" | "memory" => Ok(Sort::Common),
        _ if name.starts_with("hugepages-") => Ok(Sort::HugePages),
        _ => Err("a whole pod has `cpu`, `memory` and `hugepages-…`"),
    };
    amounts(resources, known, report);
    let containers = pod.spec.get("containers").items().list;
    for (name, limit) in resources.get("limits").entries().list {
        for container in &containers {
            let own = container.at(&["resources", "limits"]).get(name);
            exceeds(own, limit, &format!("the limit of {name} of a container is more than that of its pod"), report);
        }
    }
    for (name, request) in resources.get("requests").entries().list {
        let amount = |container: &Part<'a>| {
            let own = container.at(&["resources", "requests"]).get(name);
            // A Pod that limits but does not ask, asks for its limit.
            let own =
                if own.is_absent() && pod.is_pod { container.at(&["resources", "limits"]).get(name) } else { own };
            own.quantity()
        };
        let sum = containers.iter().filter_map(amount).try_fold(Quantity::from_int(0), |sum, one| sum.plus(&one));
        if let (Ok(sum), Some(whole)) = (sum, request.quantity())
            && thousandths(&sum) > thousandths(&whole)
        {
            report
                .add(&E0446, request, format!("the pod asks for {whole} of {name}, its containers for {sum} together"))
                .help(format!("ask for at least `{sum}`, or leave the request of the pod out"));
        }
    }
}

fn exceeds<'a>(amount: Part<'a>, limit: Part<'a>, message: &str, report: &mut Report<'a>) {
    if let (Some(part), Some(whole)) = (amount.quantity(), limit.quantity())
        && thousandths(&part) > thousandths(&whole)
    {
        report
            .add(&E0446, amount, format!("{message}: {part} and {whole}"))
            .also(limit, format!("the limit is {whole}"))
            .help(format!("at most `{whole}`, or raise the limit"));
    }
}

fn differ(one: Part<'_>, other: Part<'_>) -> bool {
    one.quantity().zip(other.quantity()).is_some_and(|(one, other)| thousandths(&one) != thousandths(&other))
}

/// What the API server makes of an amount: thousandths, rounded up (SetDefaults_ResourceList).
fn thousandths(quantity: &Quantity) -> i128 {
    quantity.nanos().div_euclid(1_000_000) + i128::from(quantity.nanos() % 1_000_000 != 0)
}

/// What is valid and hardly meant: `cpu: 50` for thousandths, `memory: 128` for mebibytes.
fn doubtful<'a>(name: &str, amount: Part<'a>, quantity: &Quantity, report: &mut Report<'a>) {
    let Some(number) = quantity.as_int().filter(|number| *number > 0) else { return };
    if name == "cpu" {
        if number >= MANY_CPUS {
            report
                .add(&W0807, amount, format!("`cpu: {quantity}` is {number} whole CPUs"))
                .help(format!("for thousandths of a CPU, write `{number}m`"));
        }
    } else if number < FEW_BYTES {
        report
            .add(&W0807, amount, format!("`{name}: {quantity}` is {number} bytes"))
            .help(format!("for mebibytes, write `{number}Mi`"));
    }
}

type SortOf = fn(&str) -> Result<Sort, &'static str>;

/// Requests and limits, each for itself and together.
fn amounts<'a>(resources: Part<'a>, sort: SortOf, report: &mut Report<'a>) {
    let (limits, requests) = (resources.get("limits"), resources.get("requests"));
    let (all_limits, all_requests) = (limits.entries(), requests.entries());
    for (name, amount) in all_limits.list.iter().chain(&all_requests.list) {
        one(name, *amount, sort, report);
    }
    for (name, request) in &all_requests.list {
        let Ok(sort) = sort(name) else { continue };
        let limit = limits.get(name);
        let whole = matches!(sort, Sort::HugePages | Sort::Extended);
        if whole && limit.is_absent() {
            report
                .add(
                    &E0446,
                    *request,
                    format!("{name} is asked for, but not limited; for this resource both are the same"),
                )
                .help(format!("give `limits` the same {name}, or leave it out of `requests`"));
        } else if whole && differ(*request, limit) {
            report
                .add(
                    &E0446,
                    *request,
                    format!("the request and the limit of {name} differ; for this resource both are the same"),
                )
                .also(limit, "the limit")
                .help("give both the same amount");
        } else {
            exceeds(*request, limit, &format!("more {name} is asked for than the limit allows"), report);
        }
    }
    let all = || all_limits.list.iter().chain(&all_requests.list).map(|(name, _)| *name);
    let pages = all().any(|name| name.starts_with("hugepages-"));
    let complete = all_limits.complete && all_requests.complete;
    if pages && complete && !all().any(|name| matches!(name, "cpu" | "memory")) {
        report
            .add(&E0446, resources, "huge pages are asked for without `cpu` or `memory`")
            .help("give `requests` or `limits` some `cpu` or `memory`, too");
    }
}

/// One amount of one resource (ValidateResourceQuantityValue).
fn one<'a>(name: &str, amount: Part<'a>, sort: SortOf, report: &mut Report<'a>) {
    let sort = match sort(name) {
        Ok(sort) => sort,
        Err(why) => {
            let near = crate::suggest::closest(name, ["cpu", "memory", "ephemeral-storage"].into_iter());
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "further resources have a domain in front: `nvidia.com/gpu`".to_owned(),
            };
            report.add(&E0441, amount, format!("`{name}` is no resource here")).label(why).help(help);
            return;
        }
    };
    let Some(quantity) = amount.quantity() else { return };
    if quantity.nanos() < 0 {
        report
            .add(&E0446, amount, format!("{name} cannot be {quantity}"))
            .label("must not be negative")
            .help("give an amount of 0 or more");
        return;
    }
    match sort {
        Sort::Common => doubtful(name, amount, &quantity, report),
        Sort::Extended if thousandths(&quantity) % 1000 != 0 => {
            report
                .add(&E0446, amount, format!("{name} comes in whole numbers; {quantity} is none"))
                .help("give a whole number");
        }
        Sort::HugePages => {
            let size = name.strip_prefix("hugepages-").and_then(|size| Quantity::parse(size).ok());
            let Some(page) = size.and_then(|size| size.as_int()).filter(|page| *page > 0) else {
                report
                    .add(&E0446, amount, format!("`{name}` names no size of pages"))
                    .help("the size is part of the name: `hugepages-2Mi`");
                return;
            };
            // Quantity.Value rounds up once more.
            if (thousandths(&quantity) + 999).div_euclid(1000) % i128::from(page) != 0 {
                report
                    .add(&E0446, amount, format!("{quantity} is no whole number of pages of {name}"))
                    .help("give a multiple of the size in the name");
            }
        }
        _ => {}
    }
}
