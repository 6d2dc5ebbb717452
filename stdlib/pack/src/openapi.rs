//! From the files of `api/openapi-spec/v3` to a [`Release`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::Result;
use crate::enums::Enums;
use crate::model::{Definition, Field, ListType, Name, Release, Shape, Ty};
use crate::paths::{group_name, kinds, text};

/// Libraries whose types are common to all groups; they get the group `meta`.
const COMMON: &str = "io.k8s.apimachinery.";
/// What a description of something deprecated says.
const DEPRECATED: [&str; 8] = [
    "Deprecated: ",
    "Deprecated. ",
    "DEPRECATED",
    "field is deprecated",
    "deprecated alias",
    "is the deprecated field",
    "API is deprecated",
    "now is deprecated",
];

/// The schemas by their published names, and what stands around them.
struct Source<'a> {
    schemas: BTreeMap<&'a str, &'a Value>,
    groups: BTreeMap<String, String>,
    enums: &'a Enums,
}

/// Reads a release from its files.
///
/// # Errors
/// Fails on a construct that the layout cannot say, so that nothing is lost in silence.
pub fn read(version: &str, files: &[Value], enums: &Enums) -> Result<Release> {
    let schemas = schemas(files);
    let groups = groups(&schemas, files);
    let source = Source { schemas, groups, enums };
    let mut release = Release { version: version.to_owned(), ..Release::default() };
    for (published, schema) in &source.schemas {
        let name = source.name(published)?;
        let definition = source.definition(published, schema).map_err(|e| format!("{published}: {e}"))?;
        if release.definitions.insert(name, definition).is_some() {
            return Err(format!("{published} has the same name as another definition"));
        }
    }
    release.kinds = kinds(files);
    let known = |key: &(String, String, String)| {
        let name = Name { group: key.1.clone(), version: key.2.clone(), name: key.0.clone() };
        release.definitions.contains_key(&name)
    };
    match release.kinds.keys().find(|key| !known(key)) {
        Some(key) => Err(format!("the kind {key:?} has no definition")),
        None => Ok(release),
    }
}

fn schemas(files: &[Value]) -> BTreeMap<&str, &Value> {
    let of_file = |file| Value::pointer(file, "/components/schemas").and_then(Value::as_object);
    files.iter().filter_map(of_file).flatten().map(|(name, schema)| (name.as_str(), schema)).collect()
}

fn texts(schema: &Value, key: &str) -> Vec<String> {
    let items = schema.get(key).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What is said of single values stands below those words, and says nothing of the field.
fn is_deprecated(doc: &str) -> bool {
    let doc = doc.split("Possible enum values:").next().unwrap_or(doc);
    DEPRECATED.iter().any(|marker| doc.contains(marker))
}

/// `io.k8s.api.networking.v1.IngressRule` as (`io.k8s.api.networking`, `v1`, `IngressRule`).
fn split(published: &str) -> Option<(&str, &str, &str)> {
    let (rest, name) = published.rsplit_once('.')?;
    let (package, version) = rest.rsplit_once('.')?;
    Some((package, version, name))
}

/// The whole API group of each package, from the kinds that are defined in it.
fn groups(schemas: &BTreeMap<&str, &Value>, files: &[Value]) -> BTreeMap<String, String> {
    let mut groups = BTreeMap::new();
    let served: BTreeSet<(String, String, String)> = kinds(files).into_keys().collect();
    for (published, schema) in schemas {
        let Some((package, version, name)) = split(published) else { continue };
        for gvk in schema.get("x-kubernetes-group-version-kind").and_then(Value::as_array).into_iter().flatten() {
            let group = text(gvk, "group");
            let key = (name.to_owned(), group_name(group), version.to_owned());
            if served.contains(&key) || !groups.contains_key(package) {
                groups.insert(package.to_owned(), key.1);
            }
        }
    }
    groups
}

impl Source<'_> {
    fn name(&self, published: &str) -> Result<Name> {
        let (package, version, name) = split(published).ok_or_else(|| format!("{published} is no name"))?;
        if published.starts_with(COMMON) {
            // Quantity, IntOrString and RawExtension live in packages without a version.
            let version = if package.ends_with(".meta") { version } else { "v1" };
            return Ok(Name { group: "meta".into(), version: version.into(), name: name.into() });
        }
        let group = self.groups.get(package).ok_or_else(|| format!("the group of {published} is not known"))?;
        Ok(Name { group: group.clone(), version: version.into(), name: name.into() })
    }

    fn definition(&self, published: &str, schema: &Value) -> Result<Definition> {
        let doc = text(schema, "description").to_owned();
        let shape = self.shape(published, schema)?;
        let required = texts(schema, "required");
        let mut fields = BTreeMap::new();
        for (name, property) in properties(schema) {
            let required = required.contains(name);
            let field = self.field(published, name, property, required).map_err(|e| format!("{name}: {e}"))?;
            fields.insert(name.clone(), field);
        }
        let atomic = text(schema, "x-kubernetes-map-type") == "atomic";
        Ok(Definition { shape, atomic, deprecated: is_deprecated(&doc), doc, fields })
    }

    /// An object without properties is an empty record in an API group
    /// (`AllDisruptionMode`), while in the common library it is one whose Go
    /// type reads its own JSON (`RawExtension`, `FieldsV1`, `Patch`).
    fn shape(&self, published: &str, schema: &Value) -> Result<Shape> {
        if schema.get("properties").is_some() {
            return Ok(Shape::Record);
        }
        if text(schema, "type") == "object" && schema.get("additionalProperties").is_none() {
            return Ok(if published.starts_with(COMMON) { Shape::Open } else { Shape::Record });
        }
        Ok(match published.rsplit('.').next() {
            Some("Quantity") => Shape::Alias(Ty::Quantity),
            Some("MicroTime") => Shape::Alias(Ty::MicroTime),
            _ => match self.ty(schema)? {
                Ty::Dyn => Shape::Open,
                ty => Shape::Alias(ty),
            },
        })
    }

    fn field(&self, published: &str, name: &str, schema: &Value, required: bool) -> Result<Field> {
        let mut field = Field {
            ty: self.ty(schema)?,
            required,
            nullable: schema.get("nullable") == Some(&Value::Bool(true)),
            deprecated: false,
            atomic: text(schema, "x-kubernetes-map-type") == "atomic",
            list: list_type(schema)?,
            merge_key: Some(text(schema, "x-kubernetes-patch-merge-key").to_owned()).filter(|k| !k.is_empty()),
            default: schema.get("default").filter(|v| !is_zero(v)).map(Value::to_string),
            doc: text(schema, "description").to_owned(),
        };
        self.apply_enum(published, name, &mut field)?;
        field.deprecated = is_deprecated(&field.doc);
        Ok(field)
    }

    fn apply_enum(&self, published: &str, name: &str, field: &mut Field) -> Result<()> {
        let Some((package, version, definition)) = split(published) else { return Ok(()) };
        let package = package.rsplit('.').next().unwrap_or_default();
        let key = (format!("{package}_{version}_{definition}"), name.to_owned());
        let Some(found) = self.enums.get(&key) else { return Ok(()) };
        let place = match &mut field.ty {
            Ty::List(item) | Ty::Map(item) if found.items => item.as_mut(),
            ty => ty,
        };
        if *place != Ty::String {
            return Err(format!("its enum stands on {place:?}"));
        }
        *place = Ty::Enum(found.values.clone());
        field.doc.clone_from(&found.doc);
        Ok(())
    }

    fn ty(&self, schema: &Value) -> Result<Ty> {
        if let Some(published) = reference(schema)? {
            return self.reference(published);
        }
        Ok(match (text(schema, "type"), text(schema, "format")) {
            (_, "int-or-string") => Ty::IntOrString,
            ("", "") => Ty::Dyn,
            ("string", "") if schema.get("enum").is_some() => Ty::Enum(texts(schema, "enum")),
            ("string", "") => Ty::String,
            ("string", "byte") => Ty::Bytes,
            ("string", "date-time") => Ty::Time,
            ("integer", "int32") => Ty::Int32,
            ("integer", "int64" | "") => Ty::Int64,
            ("number", "double" | "float" | "") => Ty::Float,
            ("boolean", "") => Ty::Bool,
            ("array", "") => Ty::List(Box::new(self.element(schema, "items")?)),
            ("object", "") if schema.get("properties").is_none() => {
                Ty::Map(Box::new(self.element(schema, "additionalProperties")?))
            }
            (ty, format) => return Err(format!("type {ty}, format {format} has no place in the layout")),
        })
    }

    fn element(&self, schema: &Value, key: &str) -> Result<Ty> {
        schema.get(key).filter(|s| s.is_object()).map_or(Ok(Ty::Dyn), |s| self.ty(s))
    }

    fn reference(&self, published: &str) -> Result<Ty> {
        let schema = self.schemas.get(published).ok_or_else(|| format!("{published} is not defined"))?;
        Ok(match self.shape(published, schema)? {
            Shape::Record => Ty::Reference(self.name(published)?),
            Shape::Open => Ty::Dyn,
            Shape::Alias(ty) => ty,
        })
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// The definition that a schema refers to, also where it is wrapped in `allOf`
/// so that a description can stand beside it.
fn reference(schema: &Value) -> Result<Option<&str>> {
    let target = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        None => text(schema, "$ref"),
        Some([only]) => text(only, "$ref"),
        Some(_) => return Err("an allOf of several schemas has no place in the layout".into()),
    };
    Ok(target.strip_prefix("#/components/schemas/"))
}

fn list_type(schema: &Value) -> Result<ListType> {
    Ok(match text(schema, "x-kubernetes-list-type") {
        "" => ListType::Unsaid,
        "atomic" => ListType::Atomic,
        "set" => ListType::Set,
        "map" => ListType::Map(texts(schema, "x-kubernetes-list-map-keys")),
        other => return Err(format!("the list type {other} is not known")),
    })
}

/// A zero value says only what Go does with an absent field; it is published
/// for required fields too, and `{}` for every field that holds a struct.
fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(b) => !b,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
    }
}

/// A file's value, for callers that read files themselves.
///
/// # Errors
/// Fails on anything that is not a JSON object.
pub fn parse(text: &str) -> Result<Value> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|e| e.to_string())?;
    Ok(Value::Object(object))
}
