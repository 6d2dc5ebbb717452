//! The fields in which two objects differ.

use crate::rules;
use crate::value::{Key, Map, Value};

/// What stands for a value that is a secret.
pub const HIDDEN: &str = "(hidden)";
/// Fields that list items may be told apart by, as Kubernetes' lists mostly are.
const KEYS: [&str; 5] = ["name", "key", "containerPort", "port", "mountPath"];

/// A field that differs.
#[derive(Clone, Debug)]
pub struct Field {
    /// Where it is: `spec.template.spec.containers[name=web].image`.
    pub path: String,
    /// What it was; nothing where it is new.
    pub old: Option<Value>,
    /// What it is; nothing where it is gone.
    pub new: Option<Value>,
    /// The API server refuses to change it.
    pub immutable: bool,
    /// The values are not to be shown; [`HIDDEN`] stands for them.
    pub hidden: bool,
}

struct Walk<'a> {
    group: &'a str,
    kind: &'a str,
    /// A ConfigMap or Secret that says that its data is not to be changed.
    frozen: bool,
    secret: bool,
    found: Vec<Field>,
}

/// A place: for people, and as the table of fixed fields has it.
#[derive(Clone, Default)]
struct Path {
    shown: String,
    plain: String,
}

impl Path {
    fn field(&self, name: &str) -> Self {
        let join = |outer: &str, name: &str| if outer.is_empty() { name.to_owned() } else { format!("{outer}.{name}") };
        let odd = name.is_empty() || name.contains(['.', '/', '[', ']', '"']);
        let shown = if odd { format!("{}[{name:?}]", self.shown) } else { join(&self.shown, name) };
        Self { shown, plain: join(&self.plain, name) }
    }

    fn item(&self, which: &str) -> Self {
        Self { shown: format!("{}[{which}]", self.shown), plain: self.plain.clone() }
    }
}

/// The fields in which two versions of an object differ.
pub(super) fn compare(old: &Value, new: &Value) -> Vec<Field> {
    let text = |path: &[&str]| old.at(path).and_then(Value::as_str).unwrap_or_default();
    let group = text(&["apiVersion"]).rsplit_once('/').map_or("", |(group, _)| group);
    let kind = text(&["kind"]);
    let holds_data = group.is_empty() && matches!(kind, "ConfigMap" | "Secret");
    let frozen = holds_data && matches!(old.get("immutable"), Some(Value::Bool(true)));
    let secret = group.is_empty() && kind == "Secret";
    let mut walk = Walk { group, kind, frozen, secret, found: Vec::new() };
    walk.values(&Path::default(), Some(old), Some(new));
    walk.found
}

impl Walk<'_> {
    fn values(&mut self, path: &Path, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (Some(Value::Map(old)), Some(Value::Map(new))) => self.maps(path, old, new),
            (Some(Value::List(old)), Some(Value::List(new))) => self.lists(path, old, new),
            (Some(old), Some(new)) if old == new => {}
            (None, None) => {}
            _ => self.differs(path, old.cloned(), new.cloned()),
        }
    }

    fn maps(&mut self, path: &Path, old: &Map, new: &Map) {
        let name = |key: &Key| match key {
            Key::String(name) => name.to_string(),
            Key::Int(n) => n.to_string(),
            Key::Uint(n) => n.to_string(),
            Key::Bool(b) => b.to_string(),
        };
        for (key, value) in old.iter() {
            self.values(&path.field(&name(key)), Some(value), new.get_key(key));
        }
        for (key, value) in new.iter().filter(|(key, _)| old.get_key(key).is_none()) {
            self.values(&path.field(&name(key)), None, Some(value));
        }
    }

    fn lists(&mut self, path: &Path, old: &[Value], new: &[Value]) {
        let Some(key) = KEYS.into_iter().find(|key| is_key(key, old) && is_key(key, new)) else {
            for at in 0..old.len().max(new.len()) {
                self.values(&path.item(&at.to_string()), old.get(at), new.get(at));
            }
            return;
        };
        let named = |item: &Value| item.get(key).map(short).unwrap_or_default();
        for item in old {
            let other = new.iter().find(|other| named(other) == named(item));
            self.values(&path.item(&format!("{key}={}", named(item))), Some(item), other);
        }
        for item in new.iter().filter(|item| !old.iter().any(|other| named(other) == named(item))) {
            self.values(&path.item(&format!("{key}={}", named(item))), None, Some(item));
        }
        let both = |items: &[Value], others: &[Value]| -> Vec<String> {
            let there = |item: &&Value| others.iter().any(|other| named(other) == named(item));
            items.iter().filter(there).map(named).collect()
        };
        let (before, after) = (both(old, new), both(new, old));
        if before != after {
            let list = |names: Vec<String>| Some(Value::list(names.iter().map(|name| Value::str(name)).collect()));
            self.differs(&path.item("order"), list(before), list(after));
        }
    }

    fn differs(&mut self, path: &Path, old: Option<Value>, new: Option<Value>) {
        let below = |outer: &str| path.plain.split('.').next() == Some(outer);
        let data = ["data", "stringData", "binaryData"].into_iter().any(below);
        let last_applied = path.plain.ends_with("kubectl.kubernetes.io/last-applied-configuration");
        let hidden = self.secret && (data || last_applied || path.plain == "metadata.annotations");
        let frozen = self.frozen && (data || below("immutable"));
        let immutable = frozen || rules::is_immutable(self.group, self.kind, &path.plain);
        let veil = |value: Option<Value>| if hidden { value.map(|_| Value::str(HIDDEN)) } else { value };
        self.found.push(Field { path: path.shown.clone(), old: veil(old), new: veil(new), immutable, hidden });
    }
}

/// Whether all items are maps that this field tells apart.
fn is_key(key: &str, items: &[Value]) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    !items.is_empty()
        && items.iter().all(|item| match item.get(key) {
            Some(value @ (Value::String(_) | Value::Int(_))) => seen.insert(short(value)),
            _ => false,
        })
}

fn short(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => other.shown(),
    }
}
