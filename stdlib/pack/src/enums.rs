//! Enums. The published OpenAPI leaves them out on purpose (`OpenAPIEnums=false`
//! in `hack/update-openapi-spec.sh`), while every API server serves them. They
//! are in `pkg/generated/openapi/zz_generated.openapi.go` of the same module,
//! written by a generator and so of one form, which is read here line by line.

use std::collections::BTreeMap;

use crate::Result;

/// The enum of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// The values.
    pub values: Vec<String>,
    /// They are those of the list's items, not of the field.
    pub items: bool,
    /// The documentation, which tells what each value means.
    pub doc: String,
}

/// Enums by the definition's last three parts (`core_v1_Container`) and field.
pub type Enums = BTreeMap<(String, String), Enum>;

/// The number of tabs before a field's name, what a field has, what its items have.
const FIELD: usize = 5;
const PROPERTY: usize = 7;
const ITEM: usize = 10;

/// Reads the enums of the generated Go file.
///
/// # Errors
/// Fails where a line is not as the Go generator writes it.
pub fn read(source: &str) -> Result<Enums> {
    let mut enums = Enums::new();
    let (mut definition, mut field, mut doc) = (String::new(), String::new(), String::new());
    for line in source.lines() {
        let text = line.trim_start_matches('\t');
        let tabs = line.len() - text.len();
        if let Some(name) = text.strip_prefix("func schema_") {
            definition = last_three(name);
        } else if let Some(rest) = text.strip_prefix("Description:").filter(|_| tabs == PROPERTY) {
            doc = strings(rest)?.pop().unwrap_or_default();
        } else if let Some(rest) = text.strip_prefix("Enum:") {
            if tabs != PROPERTY && tabs != ITEM {
                return Err(format!("an enum at an unknown depth in {definition}: {text}"));
            }
            let list = rest.trim().trim_start_matches("[]interface{}");
            let found = Enum { values: strings(list)?, items: tabs == ITEM, doc: doc.clone() };
            enums.insert((definition.clone(), field.clone()), found);
        } else if tabs == FIELD && text.ends_with("\": {") {
            field = text.trim_matches(|c| "\": {".contains(c)).to_owned();
            doc.clear();
        }
    }
    Ok(enums)
}

/// `core_v1_Container` from `k8sio_api_core_v1_Container(ref …`.
fn last_three(function: &str) -> String {
    let name = function.split('(').next().unwrap_or_default();
    let mut parts: Vec<&str> = name.rsplitn(4, '_').take(3).collect();
    parts.reverse();
    parts.join("_")
}

/// The string literals of `"a"` or `{"a", "b"},`. Go's escapes in this file are
/// those of JSON.
fn strings(text: &str) -> Result<Vec<String>> {
    let inner = text.trim().trim_end_matches(',');
    let inner = inner.strip_prefix('{').and_then(|s| s.strip_suffix('}')).unwrap_or(inner);
    serde_json::from_str(&format!("[{inner}]")).map_err(|e| format!("{e}, in {inner}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "func schema_k8sio_api_core_v1_Container(ref common.ReferenceCallback) {\n\
        \t\t\t\t\t\"imagePullPolicy\": {\n\
        \t\t\t\t\t\tSchemaProps: spec.SchemaProps{\n\
        \t\t\t\t\t\t\tDescription: \"Says \\\"when\\\".\",\n\
        \t\t\t\t\t\t\tEnum:        []interface{}{\"Always\", \"\"},\n\
        \t\t\t\t\t\"modes\": {\n\
        \t\t\t\t\t\t\tDescription: \"Modes.\",\n\
        \t\t\t\t\t\t\t\t\t\tEnum:    []interface{}{\"A\"},\n";

    #[test]
    fn enums_of_fields_and_of_items_are_read() {
        let enums = read(SOURCE).unwrap();
        let key = |f: &str| ("core_v1_Container".to_owned(), f.to_owned());
        let policy = enums.get(&key("imagePullPolicy")).unwrap();
        assert_eq!(policy.values, ["Always", ""]);
        assert_eq!(policy.doc, "Says \"when\".");
        assert!(!policy.items);
        assert!(enums.get(&key("modes")).unwrap().items);
    }

    #[test]
    fn an_enum_of_another_form_is_refused() {
        assert!(read("func schema_a_b_C(ref\n\tEnum: []interface{}{\"A\"},").is_err());
        assert!(read("\t\t\t\t\t\t\tEnum: []interface{}{v1.A},").is_err());
    }
}
