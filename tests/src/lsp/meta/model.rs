//! Reads the meta model's JSON into types that can be walked quickly.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::Value as Json;

use crate::lsp::Result;

/// Messages of our own.
const OWN: &str = include_str!("own.json");

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The editor.
    Client,
    /// The language server.
    Server,
}

/// A type of the meta model.
#[derive(Clone, Debug)]
pub(super) enum Type {
    Base(Base),
    /// Whatever JSON there is.
    Any,
    /// Whatever object there is.
    Object,
    Reference(String),
    Array(Box<Type>),
    Map(Box<Type>),
    Or(Vec<Type>),
    Tuple(Vec<Type>),
    Shape(Arc<Shape>),
    /// A text, number or truth value and no other.
    Literal(Json),
    /// One of these, or also others.
    Enumeration {
        values: Vec<Json>,
        custom: bool,
    },
}

/// A type without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    Uri,
    Integer,
    Unsigned,
    Decimal,
    Text,
    Truth,
    Null,
}

/// The properties of an object, those of its bases included.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) properties: BTreeMap<String, (Type, bool)>,
    /// Whether there may be others.
    pub(super) open: bool,
}

/// A request or a notification.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) client: bool,
    pub(super) server: bool,
    pub(super) params: Option<Type>,
    /// What a request is answered.
    pub(super) result: Option<Type>,
    pub(super) partial: Option<Type>,
}

/// All messages and types.
#[derive(Debug, Default)]
pub struct Model {
    pub(super) requests: BTreeMap<String, Message>,
    pub(super) notifications: BTreeMap<String, Message>,
    pub(super) types: BTreeMap<String, Type>,
}

impl Model {
    /// The model that `TESSERA_META_MODEL` names, read once.
    ///
    /// # Panics
    /// When the file is no meta model: nothing could be tested.
    #[must_use]
    #[expect(clippy::panic, reason = "a test without its measure must not pass")]
    pub fn of_environment() -> Option<Arc<Self>> {
        static MODEL: LazyLock<Option<Arc<Model>>> = LazyLock::new(|| {
            let path = std::env::var_os("TESSERA_META_MODEL").filter(|path| !path.is_empty())?;
            let text = std::fs::read_to_string(&path).map_err(|error| error.to_string());
            match text.and_then(|text| Model::read(&text)) {
                Ok(model) => Some(Arc::new(model)),
                Err(error) => panic!("TESSERA_META_MODEL: {}: {error}", path.display()),
            }
        });
        MODEL.clone()
    }

    /// Reads a model, and adds our own messages.
    ///
    /// # Errors
    /// When it has something that is not known.
    pub fn read(text: &str) -> Result<Self> {
        let mut model = Self::default();
        let parse = |text| serde_json::from_str::<Json>(text).map_err(|error| error.to_string());
        let texts = [parse(text)?, parse(OWN)?];
        let mut raw = BTreeMap::new();
        for json in &texts {
            for list in ["structures", "enumerations", "typeAliases"] {
                for item in items(json.get(list)) {
                    raw.insert(name(item)?, item);
                }
            }
        }
        let reader = Reader { raw };
        for (name, item) in &reader.raw {
            model.types.insert((*name).to_owned(), reader.named(name, item)?);
        }
        for json in &texts {
            for (list, messages) in [("requests", &mut model.requests), ("notifications", &mut model.notifications)] {
                for item in items(json.get(list)) {
                    let method = item.get("method").and_then(Json::as_str).ok_or("a message without a method")?;
                    messages.insert(method.to_owned(), reader.message(item)?);
                }
            }
        }
        Ok(model)
    }
}

fn items(list: Option<&Json>) -> impl Iterator<Item = &Json> {
    list.and_then(Json::as_array).into_iter().flatten()
}

fn name(item: &Json) -> Result<&str> {
    item.get("name").and_then(Json::as_str).ok_or_else(|| format!("no name: {item}"))
}

/// Looks named types up, since a structure takes over the properties of others.
struct Reader<'a> {
    raw: BTreeMap<&'a str, &'a Json>,
}

impl Reader<'_> {
    fn message(&self, item: &Json) -> Result<Message> {
        let direction = item.get("messageDirection").and_then(Json::as_str).unwrap_or("both");
        let optional = |key| item.get(key).map(|of| self.read(of)).transpose();
        Ok(Message {
            client: direction != "serverToClient",
            server: direction != "clientToServer",
            params: optional("params")?,
            result: optional("result")?,
            partial: optional("partialResult")?,
        })
    }

    fn named(&self, name: &str, item: &Json) -> Result<Type> {
        match name {
            "LSPAny" => return Ok(Type::Any),
            "LSPObject" => return Ok(Type::Object),
            "LSPArray" => return Ok(Type::Array(Box::new(Type::Any))),
            _ => {}
        }
        if let Some(values) = item.get("values") {
            let values = items(Some(values)).filter_map(|value| value.get("value").cloned()).collect();
            let custom = item.get("supportsCustomValues").and_then(Json::as_bool).unwrap_or(false);
            return Ok(Type::Enumeration { values, custom });
        }
        if let Some(of) = item.get("type") {
            return self.read(of);
        }
        let mut shape = Shape::default();
        self.add(item, &mut shape)?;
        Ok(Type::Shape(Arc::new(shape)))
    }

    fn read(&self, of: &Json) -> Result<Type> {
        let kind = of.get("kind").and_then(Json::as_str).ok_or_else(|| format!("no kind: {of}"))?;
        let part = |key: &str| self.read(of.get(key).ok_or_else(|| format!("no {key}: {of}"))?).map(Box::new);
        let parts = || items(of.get("items")).map(|item| self.read(item)).collect::<Result<Vec<Type>>>();
        Ok(match kind {
            "base" => Type::Base(match name(of)? {
                "URI" | "DocumentUri" => Base::Uri,
                "integer" => Base::Integer,
                "uinteger" => Base::Unsigned,
                "decimal" => Base::Decimal,
                "string" | "RegExp" => Base::Text,
                "boolean" => Base::Truth,
                "null" => Base::Null,
                other => return Err(format!("an unknown base type `{other}`")),
            }),
            "reference" => {
                let name = name(of)?;
                if !self.raw.contains_key(name) {
                    return Err(format!("there is no type `{name}`"));
                }
                Type::Reference(name.to_owned())
            }
            "array" => Type::Array(part("element")?),
            "map" => Type::Map(part("value")?),
            "or" => Type::Or(parts()?),
            "tuple" => Type::Tuple(parts()?),
            "and" | "literal" => {
                let mut shape = Shape::default();
                self.add(of, &mut shape)?;
                Type::Shape(Arc::new(shape))
            }
            "stringLiteral" | "integerLiteral" | "booleanLiteral" => {
                Type::Literal(of.get("value").cloned().unwrap_or_default())
            }
            other => return Err(format!("an unknown kind of type `{other}`")),
        })
    }

    /// Adds the properties of a type, of whatever form, to a shape.
    fn add(&self, of: &Json, shape: &mut Shape) -> Result<()> {
        match of.get("kind").and_then(Json::as_str) {
            Some("reference") => {
                let name = name(of)?;
                let item = self.raw.get(name).ok_or_else(|| format!("there is no type `{name}`"))?;
                return self.add(item.get("type").unwrap_or(item), shape);
            }
            Some("and") => return items(of.get("items")).try_for_each(|item| self.add(item, shape)),
            Some("literal") => return of.get("value").map_or(Ok(()), |value| self.add(value, shape)),
            Some(other) => return Err(format!("a type of kind `{other}` has no properties")),
            None => {}
        }
        for base in items(of.get("extends")).chain(items(of.get("mixins"))) {
            self.add(base, shape)?;
        }
        shape.open |= of.get("open").and_then(Json::as_bool).unwrap_or(false);
        for property in items(of.get("properties")) {
            let optional = property.get("optional").and_then(Json::as_bool).unwrap_or(false);
            let of = self.read(property.get("type").ok_or("a property without a type")?)?;
            shape.properties.insert(name(property)?.to_owned(), (of, optional));
        }
        Ok(())
    }
}
