//! An OpenAPI v3 schema in the structural form that the API server takes
//! (apiextensions-apiserver, pkg/apiserver/schema/structural.go): every level has
//! one type, and what only validates stands beside it.

use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::source::Span;
use crate::value::{Map, Value};

/// Stands for `self` in the text of a rule until it is written, so that a rule
/// can be moved to a level further out.
pub const SELF: &str = "\u{1}";

/// Stands for the whole object in a rule that reads its name.
pub const ROOT: &str = "\u{2}";

/// A unit that is text in an object, and which not every engine reads in all its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A duration.
    Duration,
    /// A quantity.
    Quantity,
}

/// A level of a schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpenApi {
    /// The JSON type; none for what may be anything, and for integers that may be text.
    pub ty: Option<&'static str>,
    /// The format.
    pub format: Option<&'static str>,
    /// The unit that the text stands for.
    pub form: Option<Form>,
    /// What it is, for people.
    pub description: Option<String>,
    /// It may be null.
    pub nullable: bool,
    /// An integer or text.
    pub int_or_string: bool,
    /// Fields that are not named are kept.
    pub open: bool,
    /// The value where it is left out.
    pub default: Option<Value>,
    /// The only values.
    pub one_of: Vec<Value>,
    /// The patterns of which each must be found.
    pub patterns: Vec<String>,
    /// The smallest number.
    pub minimum: Option<Value>,
    /// The largest number.
    pub maximum: Option<Value>,
    /// Not the smallest number itself.
    pub above: bool,
    /// Not the largest number itself.
    pub below: bool,
    /// The fewest characters, items or entries.
    pub min_size: Option<i64>,
    /// The most of them.
    pub max_size: Option<i64>,
    /// The items of a list.
    pub items: Option<Box<OpenApi>>,
    /// The fields by which the items of a list are told apart.
    pub keys: Vec<SmolStr>,
    /// The values of a map.
    pub values: Option<Box<OpenApi>>,
    /// The fields.
    pub fields: IndexMap<SmolStr, OpenApi>,
    /// The fields that must be there.
    pub required: Vec<SmolStr>,
    /// What else must hold.
    pub rules: Vec<Rule>,
}

/// A rule in CEL.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The rule, with [`SELF`] for the value.
    pub rule: String,
    /// What is said when it is broken.
    pub message: Option<String>,
    /// Where it is written.
    pub span: Span,
    /// The places, from the value on, that macros in it go over.
    pub loops: Vec<Vec<SmolStr>>,
}

/// Where a rule is written does not make it another.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        (&self.rule, &self.message) == (&other.rule, &other.message)
    }
}

impl OpenApi {
    /// A level of a type.
    #[must_use]
    pub fn of(ty: &'static str) -> Self {
        Self { ty: Some(ty), ..Self::default() }
    }

    /// Anything.
    #[must_use]
    pub fn anything() -> Self {
        Self { open: true, nullable: true, ..Self::default() }
    }

    /// Text of a form.
    #[must_use]
    pub fn text(pattern: &str, longest: i64) -> Self {
        Self { patterns: vec![pattern.to_owned()], max_size: Some(longest), ..Self::of("string") }
    }

    /// An object with these fields, those that must be there first told.
    #[must_use]
    pub fn object(fields: impl IntoIterator<Item = (SmolStr, Self)>, required: Vec<SmolStr>) -> Self {
        Self { fields: fields.into_iter().collect(), required, ..Self::of("object") }
    }

    /// Whether it is an object with named fields only.
    #[must_use]
    pub fn is_record(&self) -> bool {
        self.ty == Some("object") && self.values.is_none() && !self.open
    }

    /// The same without what is for people and what fills in: two levels that
    /// take the same values are equal then.
    #[must_use]
    pub fn bare(&self) -> Self {
        Self { description: None, default: None, ..self.clone() }
    }

    /// The most characters, items or entries that the keywords allow.
    #[must_use]
    pub fn longest(&self) -> Option<i64> {
        let texts = self.one_of.iter().map(|v| v.as_str().map(|s| s.len() as i64)).collect::<Option<Vec<_>>>();
        let of_words = texts.and_then(|lengths| lengths.into_iter().max());
        match (self.max_size, of_words) {
            (Some(size), Some(words)) => Some(size.min(words)),
            (size, words) => size.or(words),
        }
    }

    /// Calls `f` with every level, outermost first.
    pub fn walk<'a>(&'a self, f: &mut dyn FnMut(&'a Self)) {
        f(self);
        let parts = self.items.iter().chain(&self.values).map(|part| &**part).chain(self.fields.values());
        parts.for_each(|part| part.walk(f));
    }

    /// As it is written into a definition.
    #[must_use]
    pub fn value(&self) -> Value {
        let mut map = Map::default();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(key, value);
            }
        };
        let text = |text: &str| Value::str(text);
        let flag = |flag: bool| flag.then_some(Value::Bool(true));
        let [min, max] = match self.ty {
            Some("array") => ["minItems", "maxItems"],
            Some("object") => ["minProperties", "maxProperties"],
            _ => ["minLength", "maxLength"],
        };
        put("description", self.description.as_deref().map(text));
        put("type", self.ty.map(text));
        put("format", self.format.map(text));
        put("default", self.default.clone());
        put("nullable", flag(self.nullable));
        put("enum", some(self.one_of.clone()));
        put("minimum", self.minimum.clone());
        put("exclusiveMinimum", flag(self.above));
        put("maximum", self.maximum.clone());
        put("exclusiveMaximum", flag(self.below));
        put(min, self.min_size.map(Value::Int));
        put(max, self.max_size.map(Value::Int));
        put("pattern", self.patterns.first().map(|pattern| text(pattern)));
        put("allOf", some(self.patterns.iter().skip(1).map(|p| entries([("pattern", text(p))])).collect()));
        if self.int_or_string {
            let types = ["integer", "string"].map(|ty| entries([("type", text(ty))]));
            put("anyOf", some(types.to_vec()));
            put("x-kubernetes-int-or-string", Some(Value::Bool(true)));
        }
        if !self.keys.is_empty() {
            put("x-kubernetes-list-type", Some(text("map")));
            put("x-kubernetes-list-map-keys", some(self.keys.iter().map(|key| text(key)).collect()));
        }
        put("items", self.items.as_ref().map(|items| items.value()));
        put("additionalProperties", self.values.as_ref().map(|values| values.value()));
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|(name, field)| (name.as_str().into(), field.value()));
            put("properties", Some(Value::map(fields.collect())));
        }
        put("required", some(self.required.iter().map(|name| text(name)).collect()));
        put("x-kubernetes-preserve-unknown-fields", flag(self.open));
        put("x-kubernetes-validations", some(self.rules.iter().map(Rule::value).collect()));
        Value::map(map)
    }
}

impl Rule {
    fn value(&self) -> Value {
        let mut map = Map::default();
        map.insert("rule", Value::str(&self.rule.replace(SELF, "self").replace(ROOT, "self")));
        if let Some(message) = &self.message {
            // Of one line, and bounded: apiextensions-apiserver, pkg/apis/apiextensions/validation.
            let line: String = message.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(512).collect();
            map.insert("message", Value::str(&line));
        }
        Value::map(map)
    }
}

fn some(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then(|| Value::list(items))
}

/// An object of these entries.
#[must_use]
pub fn entries<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}
