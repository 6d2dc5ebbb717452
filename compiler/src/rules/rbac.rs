//! Roles and their bindings (`pkg/apis/rbac/validation/validation.go`).

use super::forms::{SEGMENT, SUBDOMAIN};
use super::shape::{Check, Shape, is, is_empty, walk};
use super::{Object, Part, Report, selectors};
use crate::diagnostic::E0461;

const GROUP: &str = "rbac.authorization.k8s.io";

/// What must hold of a Role or ClusterRole (ValidatePolicyRule).
pub(super) fn role<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let namespaced = object.kind == "Role";
    for rule in object.root.get("rules").items().list {
        policy_rule(rule, namespaced, report);
    }
    let aggregation = object.root.get("aggregationRule");
    let selectors = aggregation.get("clusterRoleSelectors");
    if aggregation.is_present() && is_empty(selectors) {
        report
            .add(&E0461, aggregation, "an `aggregationRule` that selects no ClusterRoles")
            .help("give `clusterRoleSelectors`, or remove it");
    }
    selectors.items().list.into_iter().for_each(|one| selectors::check(one, report));
}

fn policy_rule<'a>(rule: Part<'a>, namespaced: bool, report: &mut Report<'a>) {
    let verbs = rule.get("verbs");
    if is_empty(verbs) {
        report
            .add(&E0461, if verbs.is_absent() { rule } else { verbs }, "a rule without verbs allows nothing")
            .help("give what is allowed: `verbs: [\"get\", \"list\", \"watch\"]`");
    }
    let urls = rule.get("nonResourceURLs");
    let [groups, resources, names] = ["apiGroups", "resources", "resourceNames"].map(|name| rule.get(name));
    let has = |part: Part<'_>| !part.items().list.is_empty();
    if has(urls) {
        if namespaced {
            report
                .add(&E0461, urls, "a Role belongs to a namespace, to which no `nonResourceURLs` belong")
                .help("write it into a ClusterRole");
        }
        if let Some(other) = [resources, groups, names].into_iter().find(|part| has(*part)) {
            report
                .add(&E0461, urls, "a rule is either about resources or about `nonResourceURLs`")
                .also(other, "the resources")
                .help("make two rules of it");
        }
        return;
    }
    if !is_empty(urls) {
        return;
    }
    for (field, part, help) in [
        ("apiGroups", groups, "give `apiGroups: [\"\"]` for the core group, `[\"apps\"]` for Deployments"),
        ("resources", resources, "give the plural of what it is about: `resources: [\"configmaps\"]`"),
    ] {
        if is_empty(part) {
            let message = format!("a rule about resources has at least one of `{field}`");
            report.add(&E0461, if part.is_absent() { rule } else { part }, message).help(help);
        }
    }
}

/// What must hold of a RoleBinding or ClusterRoleBinding (ValidateRoleBinding).
pub(super) fn binding<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let namespaced = object.kind == "RoleBinding";
    walk(object.root, BINDING, report);
    let kind = object.root.at(&["roleRef", "kind"]);
    if let Some(text) = kind.str()
        && !(text == "ClusterRole" || namespaced && text == "Role")
    {
        let violation = report.add(&E0461, kind, format!("a {} cannot refer to a `{text}`", object.kind));
        if text == "Role" {
            violation.help("a Role belongs to a namespace: use a RoleBinding there, or a ClusterRole");
        } else {
            violation.help("refer to a `ClusterRole`, or in a RoleBinding to a `Role`");
        }
    }
    let subjects = object.root.get("subjects").items().list;
    subjects.into_iter().for_each(|one| subject(one, namespaced, report));
}

static BINDING: Shape = &[("roleRef", &[Check::In(ROLE)])];

static ROLE: Shape = &[
    ("apiGroup", &[Check::Only(&[GROUP])]),
    ("name", &[Check::Needed("the role is found by it"), Check::Is(&SEGMENT, "name of a role")]),
];

/// (ValidateRoleBindingSubject)
fn subject<'a>(subject: Part<'a>, namespaced: bool, report: &mut Report<'a>) {
    let [kind, name, group, namespace] = ["kind", "name", "apiGroup", "namespace"].map(|field| subject.get(field));
    if is_empty(name) {
        report
            .add(&E0461, if name.is_absent() { subject } else { name }, "a subject without name")
            .help("give the `name` of the ServiceAccount, user or group");
    }
    let wanted = match kind.str() {
        Some("ServiceAccount") => {
            if name.str() != Some("") {
                is(name, &SUBDOMAIN, "name of a ServiceAccount", report);
            }
            if !namespaced && is_empty(namespace) {
                report
                    .add(&E0461, subject, "a ServiceAccount is found by its namespace")
                    .help("give the subject a `namespace`; only a RoleBinding has one of its own");
            }
            ""
        }
        Some("User" | "Group") => GROUP,
        Some(other) => {
            report
                .add(&E0461, kind, format!("a role cannot be given to a `{other}`"))
                .help("a subject is a `ServiceAccount`, a `User` or a `Group`");
            return;
        }
        None => return,
    };
    if let Some(text) = group.str().filter(|text| !text.is_empty() && *text != wanted) {
        report
            .add(&E0461, group, format!("`{text}` is not the API group of this subject"))
            .help("leave `apiGroup` out: the server knows it");
    }
}
