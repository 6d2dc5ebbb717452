//! Webhooks and policies of admission
//! (`pkg/apis/admissionregistration/validation/validation.go`;
//! `pkg/util/webhook/validation.go` of apiserver).

use super::forms::{LABEL_KEY, LETTER_LABEL, QUALIFIED_DOMAIN, SEGMENT, SUBDOMAIN};
use super::service::PORT;
use super::shape::{Check, Count, Shape, clash, is, is_empty, is_set, needed, one_of, texts, unique, walk};
use super::{Object, Part, Report, selectors};
use crate::check::is_dns_subdomain;
use crate::diagnostic::{E0442, E0468};
use crate::library::words;
use crate::source::FileId;

static HOOK: Shape = &[
    ("name", &[Check::Needed("it names the webhook in messages"), Check::Is(&QUALIFIED_DOMAIN, "name of a webhook")]),
    ("rules", &[Check::Rule(rules)]),
    ("sideEffects", &[Check::Only(&["None", "NoneOnDryRun"])]),
    ("timeoutSeconds", &[Check::Between(1, 30)]),
    ("namespaceSelector", &[Check::Rule(selectors::check)]),
    ("objectSelector", &[Check::Rule(selectors::check)]),
    ("clientConfig", &[Check::Rule(client)]),
    ("admissionReviewVersions", &[Check::Rule(review_versions)]),
    ("matchConditions", &[Check::Rule(conditions)]),
];

/// What must hold of the configuration of webhooks (validateValidatingWebhook).
pub(super) fn webhooks<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let hooks = object.root.get("webhooks").items().list;
    unique(texts(&hooks, "name"), &E0442, |name| format!("two webhooks are named `{name}`"), report);
    hooks.into_iter().for_each(|hook| walk(hook, HOOK, report));
}

/// Which versions a webhook speaks, at least one of them known to the server.
pub(super) fn review_versions<'a>(versions: Part<'a>, report: &mut Report<'a>) {
    let given = versions.items();
    given.list.iter().for_each(|version| is(*version, &LETTER_LABEL, "version", report));
    let keyed = given.list.iter().filter_map(|version| version.str().map(|text| (text, *version)));
    unique(keyed, &E0442, |version| format!("the version {version} is given twice"), report);
    let known = |version: &Part<'_>| version.str().is_none_or(|text| matches!(text, "v1" | "v1beta1"));
    if versions.is_present() && given.complete && !given.list.iter().any(known) {
        report
            .add(&E0468, versions, "the API server speaks none of these versions")
            .help("give `v1`, and let the webhook answer in it");
    }
}

/// Where a webhook is: a URL or a Service (ValidateWebhookURL, ValidateWebhookService).
pub(super) fn client<'a>(config: Part<'a>, report: &mut Report<'a>) {
    one_of(config, &["url", "service"], Count::One, "the way to a webhook", report);
    let url = config.get("url");
    if let Some(text) = url.str()
        && let Some(fault) = url_fault(text)
    {
        report
            .add(&E0468, url, format!("`{text}` is no address of a webhook"))
            .label(fault)
            .help("write `https://`, a host, and a path if there is one");
    }
    let service = config.get("service");
    if service.is_present() {
        walk(service, SERVICE, report);
    }
    let path = service.get("path");
    if let Some(text) = path.str()
        && !is_path(text)
    {
        report
            .add(&E0468, path, format!("`{text}` is no path to a webhook"))
            .label("must begin with `/`; its parts are lower-case letters, digits, `-` and `.`")
            .help("valid would be `/validate`");
    }
}

static SERVICE: Shape = &[
    ("name", &[Check::Needed("the Service is found by it")]),
    ("namespace", &[Check::Needed("the Service is found by it")]),
    ("port", &[PORT]),
];

fn url_fault(text: &str) -> Option<&'static str> {
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
        _ => return Some("only `https` is safe"),
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() {
        Some("it has no host")
    } else if host.contains('@') {
        Some("it names a user")
    } else if rest.split_once('#').is_some_and(|(_, fragment)| !fragment.is_empty()) {
        Some("it has a fragment")
    } else if rest.split('#').next().unwrap_or_default().split_once('?').is_some_and(|(_, query)| !query.is_empty()) {
        Some("it has a query")
    } else {
        None
    }
}

fn is_path(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('/') else { return text.is_empty() };
    inner.is_empty() || inner.strip_suffix('/').unwrap_or(inner).split('/').all(is_dns_subdomain)
}

fn rules<'a>(rules: Part<'a>, report: &mut Report<'a>) {
    rules.items().list.into_iter().for_each(|rule| rule_of(rule, report));
}

/// What a webhook or policy is asked about (validateRuleWithOperations).
fn rule_of<'a>(rule: Part<'a>, report: &mut Report<'a>) {
    for field in ["operations", "apiGroups", "apiVersions", "resources"] {
        let part = rule.get(field);
        if is_empty(part) {
            needed(rule, field, part, "a rule says what it is about; `*` is everything", report);
        }
        let items = part.items().list;
        let all = items.iter().find(|item| item.str() == Some("*"));
        // `*` beside others of its kind; of resources it leaves those with subresources.
        let other = |item: &&Part<'a>| {
            item.str().is_some_and(|text| text != "*" && (field != "resources" || !text.contains('/')))
        };
        let mut wild = items.iter().filter(|item| item.str() == Some("*"));
        if field != "resources" && wild.clone().count() > 1 {
            let again = wild.next_back().copied().unwrap_or(part);
            clash(again, format!("`*` is every one of `{field}` already"), "give it once, and no other", report);
        } else if let (Some(all), Some(other)) = (all, items.iter().find(other)) {
            // Of resources, only the last one without a subresource is looked at.
            let last = items.iter().rev().find(|item| item.str().is_none_or(|text| !text.contains('/')));
            if field != "resources" || last.is_some_and(|last| last.str().is_some_and(|text| text != "*")) {
                let message = format!("`*` is every one of `{field}` already");
                clash(*other, message, "remove the others, or `*`", report).also(*all, "everything");
            }
        }
        for item in items.iter().filter(|item| item.str() == Some("") && field != "apiGroups") {
            report
                .add(&E0468, *item, format!("one of `{field}` is empty"))
                .help("remove it; only the core group has an empty name");
        }
    }
    let resources = rule.get("resources").items().list;
    if resources.len() > 1
        && let Some(all) = resources.iter().find(|item| item.str() == Some("*/*"))
    {
        clash(*all, "`*/*` is every one of `resources` already", "remove the others, or `*/*`", report);
    }
}

/// (validateMatchConditions)
fn conditions<'a>(conditions: Part<'a>, report: &mut Report<'a>) {
    let items = conditions.items().list;
    if items.len() > 64 {
        report
            .add(&E0468, conditions, format!("there are {} conditions; 64 are taken", items.len()))
            .help("join some with `&&`");
    }
    unique(texts(&items, "name"), &E0442, |name| format!("two conditions are named `{name}`"), report);
    for item in items {
        let name = item.get("name");
        if is_empty(name) {
            needed(item, "name", name, "messages name the condition by it", report);
        } else {
            is(name, &LABEL_KEY, "name of a condition", report);
        }
        expression(item, "expression", report);
    }
}

/// A CEL expression that is there and can be read.
fn expression<'a>(parent: Part<'a>, field: &str, report: &mut Report<'a>) {
    let part = parent.get(field);
    if part.is_absent() || part.str().is_some_and(|text| text.trim().is_empty()) {
        needed(parent, field, part, "it is what is evaluated", report);
    }
    readable(part, report);
}

/// What cannot be read as CEL. What CEL writes otherwise than this language is
/// let through: messages (`Object{…}`), keys of maps, and a few words as names.
pub(super) fn readable<'a>(part: Part<'a>, report: &mut Report<'a>) {
    let Some(text) = part.str().filter(|text| !text.trim().is_empty()) else { return };
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| matches!(word, "then" | "else"));
    if text.contains('{') || words {
        return;
    }
    let (_, diagnostics) = crate::syntax::parse_expression(FileId(0), text);
    if let Some(fault) = diagnostics.into_iter().find(|diagnostic| diagnostic.is_error()) {
        report
            .add(&E0468, part, "this is no CEL expression")
            .label(fault.message)
            .help("try it with `tessera eval`, which reads CEL");
    }
}

static POLICY: Shape = &[
    ("paramKind", &[Check::Rule(param_kind)]),
    ("matchConstraints", &[Check::Rule(matched)]),
    ("matchConditions", &[Check::Rule(conditions)]),
    ("variables", &[Check::Rule(variables)]),
    ("validations", &[Check::Rule(validations)]),
];

/// What must hold of a ValidatingAdmissionPolicy or MutatingAdmissionPolicy.
pub(super) fn policy<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    let at = if spec.is_absent() { object.root } else { spec };
    walk(spec, POLICY, report);
    let constraints = spec.get("matchConstraints");
    if is_empty(constraints.get("resourceRules")) {
        let at = if constraints.is_absent() { at } else { constraints };
        needed(at, "resourceRules", Part::Absent, "they say which objects the policy is about", report)
            .help("give `matchConstraints: { resourceRules: [{ apiGroups, apiVersions, resources, operations }] }`");
    }
    if object.kind == "ValidatingAdmissionPolicy" {
        if is_empty(spec.get("validations")) && is_empty(spec.get("auditAnnotations")) {
            needed(at, "validations", Part::Absent, "the policy says what must hold", report)
                .help("give `validations`, or `auditAnnotations`");
        }
        audit(object, spec.get("auditAnnotations"), report);
    } else {
        mutations(at, spec, report);
    }
}

/// (validateAuditAnnotation)
fn audit<'a>(object: &Object<'a>, annotations: Part<'a>, report: &mut Report<'a>) {
    let items = annotations.items().list;
    if items.len() > 20 {
        report
            .add(&E0468, annotations, format!("there are {} annotations; 20 are taken", items.len()))
            .help("make another policy for the others");
    }
    unique(texts(&items, "key"), &E0442, |key| format!("two annotations have the key `{key}`"), report);
    let name = object.root.at(&["metadata", "name"]).str();
    for item in items {
        let key = item.get("key");
        if let (Some(name), Some(text)) = (name, key.str())
            && !(LABEL_KEY.fits)(&format!("{name}/{text}"))
        {
            report
                .add(&E0468, key, format!("`{text}` cannot be the key of an annotation"))
                .label("with the policy's name and `/` before it, it must be the key of a label")
                .help("valid would be `replicas`");
        }
        expression(item, "valueExpression", report);
    }
}

fn mutations<'a>(at: Part<'a>, spec: Part<'a>, report: &mut Report<'a>) {
    let again = spec.get("reinvocationPolicy");
    if is_empty(again) {
        needed(at, "reinvocationPolicy", again, "it says whether the policy is asked again", report)
            .help("give `reinvocationPolicy: \"Never\"`");
    }
    let given = spec.get("mutations");
    if is_empty(given) {
        needed(at, "mutations", given, "the policy says what it changes", report);
    }
    for mutation in given.items().list {
        let kind = mutation.get("patchType");
        let (wanted, other) = match kind.str() {
            Some("JSONPatch") => ("jsonPatch", "applyConfiguration"),
            Some("ApplyConfiguration") => ("applyConfiguration", "jsonPatch"),
            _ => continue,
        };
        let (patch, extra) = (mutation.get(wanted), mutation.get(other));
        if patch.is_absent() {
            needed(mutation, wanted, patch, "its type asks for it", report);
        } else if patch.is_present() {
            expression(patch, "expression", report);
        }
        if extra.is_present() {
            clash(extra, format!("its type says that the patch is in `{wanted}`"), "remove one of them", report)
                .also(kind, "the type");
        }
    }
}

fn variables<'a>(variables: Part<'a>, report: &mut Report<'a>) {
    for variable in variables.items().list {
        let name = variable.get("name");
        if let Some(text) = name.str()
            && !is_identifier(text)
        {
            report
                .add(&E0468, name, format!("`{text}` cannot be a name in CEL"))
                .label("must be letters, digits and `_`, beginning with no digit, and no word of CEL")
                .help("valid would be `containers`");
        }
        expression(variable, "expression", report);
    }
}

/// (isCELIdentifier)
fn is_identifier(text: &str) -> bool {
    words::is_name(text) && !words::RESERVED.contains(&text)
}

fn validations<'a>(validations: Part<'a>, report: &mut Report<'a>) {
    for validation in validations.items().list {
        expression(validation, "expression", report);
        readable(validation.get("messageExpression"), report);
        let message = validation.get("message");
        if let Some(text) = message.str().filter(|text| !text.is_empty())
            && (text.trim().is_empty() || text.trim().contains(['\n', '\r']))
        {
            report.add(&E0468, message, "a message is one line of text").help("write it in one line");
        }
        super::shape::only(
            validation.get("reason"),
            "reason",
            &["Forbidden", "Invalid", "RequestEntityTooLarge"],
            report,
        );
    }
}

/// (validateParamKind)
fn param_kind<'a>(kind: Part<'a>, report: &mut Report<'a>) {
    let (version, name) = (kind.get("apiVersion"), kind.get("kind"));
    for (field, part) in [("apiVersion", version), ("kind", name)] {
        if is_empty(part) {
            needed(kind, field, part, "it says what the parameters are", report);
        }
    }
    if let Some(text) = version.str().filter(|text| !text.is_empty()) {
        let (group, version_text) = text.split_once('/').unwrap_or(("", text));
        if !(LETTER_LABEL.fits)(version_text) || !group.is_empty() && !is_dns_subdomain(group) {
            report
                .add(&E0468, version, format!("`{text}` is no group and version"))
                .help("write `acme.example/v1`, or `v1` for the core group");
        }
    }
    if name.str().is_some_and(|text| !text.is_empty() && !(LETTER_LABEL.fits)(&text.to_ascii_lowercase())) {
        is(name, &LETTER_LABEL, "kind", report);
    }
}

/// (validateMatchResources)
fn matched<'a>(matched: Part<'a>, report: &mut Report<'a>) {
    selectors::check(matched.get("namespaceSelector"), report);
    selectors::check(matched.get("objectSelector"), report);
    for field in ["resourceRules", "excludeResourceRules"] {
        for rule in matched.get(field).items().list {
            let names = rule.get("resourceNames").items().list;
            names.iter().for_each(|name| is(*name, &SEGMENT, "name", report));
            let keyed = names.iter().filter_map(|name| name.str().map(|text| (text, *name)));
            unique(keyed, &E0442, |name| format!("`{name}` is given twice"), report);
            rule_of(rule, report);
        }
    }
}

static BINDING: Shape = &[
    ("policyName", &[Check::Needed("the policy is found by it"), Check::Is(&SUBDOMAIN, "name of a policy")]),
    ("matchResources", &[Check::Rule(matched)]),
    ("paramRef", &[Check::Rule(param_ref)]),
];

/// What must hold of the binding of a policy.
pub(super) fn binding<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, BINDING, report);
    if object.kind == "ValidatingAdmissionPolicyBinding" {
        let actions = spec.get("validationActions");
        if is_empty(actions) {
            let at = if spec.is_absent() { object.root } else { spec };
            needed(at, "validationActions", actions, "it says what becomes of a request that is not valid", report)
                .help("give `validationActions: [\"Deny\"]`, or `Warn` or `Audit`");
        }
        let items = actions.items().list;
        let keyed = items.iter().filter_map(|action| action.str().map(|text| (text, *action)));
        unique(keyed, &E0442, |action| format!("the action {action} is given twice"), report);
        let find = |wanted: &str| items.iter().find(|action| action.str() == Some(wanted));
        if let (Some(deny), Some(warn)) = (find("Deny"), find("Warn")) {
            clash(*warn, "`Deny` says what `Warn` would say", "keep one of them", report).also(*deny, "the other one");
        }
    }
}

fn param_ref<'a>(reference: Part<'a>, report: &mut Report<'a>) {
    let (name, selector) = (reference.get("name"), reference.get("selector"));
    is_set(name).then(|| is(name, &SEGMENT, "name", report));
    selectors::check(selector, report);
    if is_set(name) && selector.is_present() {
        clash(selector, "parameters are found by `name` or by `selector`", "remove one of them", report)
            .also(name, "the other one");
    } else if is_empty(name) && selector.is_absent() {
        needed(reference, "name", name, "the parameters are found by it, or by a `selector`", report);
    }
    let action = reference.get("parameterNotFoundAction");
    if is_empty(action) {
        needed(reference, "parameterNotFoundAction", action, "it says what a policy without parameters does", report)
            .help("give `Deny` or `Allow`");
    }
    super::shape::only(action, "parameterNotFoundAction", &["Deny", "Allow"], report);
}
