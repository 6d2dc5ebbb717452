//! The words of the language and what each says.

/// What a keyword or a word of the language in its place says, in one sentence.
#[must_use]
pub(crate) fn keyword(word: &str) -> Option<&'static str> {
    Some(match word {
        "module" => "Names this file for the whole project: others import it with `use`.",
        "use" => "Imports a module, members of one, or a file.",
        "as" => "The name under which it is known in this file.",
        "private" => "Only this module sees what follows.",
        "type" => "Gives a type a name.",
        "let" => "Gives a value a name.",
        "fn" => "A function: a value with parameters.",
        "composite" => "A kind of your own: parameters that a team may set, and the objects that follow from them.",
        "param" => "A parameter of the composite; with a default or `?` after its type it may be left out.",
        "resource" => "An object that is made and kept as it is written here.",
        "external" => "An object that others make; it is read, never written.",
        "output" => "A field of the composite's status.",
        "require" => "What must hold for the parameters together.",
        "ready" => "When the composite, or the resource, counts as ready.",
        "when" => "The condition follows.",
        "scope" => "Whether instances live in a namespace (`namespaced`, the default) or in none (`cluster`).",
        "lease" => "The instance is torn down that long after it became ready.",
        "notify" => "Who is told of what.",
        "on" => "The events that are told of.",
        "by" => "What tells the iterations of the loop apart: it becomes part of the names of their objects.",
        "after" => "The resource is made only when these are ready.",
        "protect" => "The object is never deleted.",
        "retain" => "The object stays when its composite goes.",
        "replace" => "The object may be deleted and made anew when a field changes that cannot be changed.",
        "where" => "A rule that every value of the type keeps; `it` is the value.",
        "if" => "What follows counts only where the condition holds.",
        "then" => "The value where the condition holds.",
        "else" => "What counts otherwise.",
        "for" => "Once for each element.",
        "in" => "What is gone over, or the namespace of an instance.",
        "match" => "The arm whose pattern is the value; the arms must cover all values.",
        "raw" => "Checking is switched off for what follows.",
        "cluster" => "Instances live in no namespace.",
        "namespaced" => "Instances live in a namespace.",
        _ => return None,
    })
}

/// The types that the language has by itself, and `self` with its fields.
#[must_use]
pub(crate) fn builtin(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "String" => ("String", "Text."),
        "Int" => ("Int", "A whole number of 64 bits."),
        "Uint" => ("Uint", "A whole number of 64 bits without a sign: `42u`."),
        "Float" => ("Float", "A number with a fraction, of 64 bits."),
        "Bool" => ("Bool", "`true` or `false`."),
        "Bytes" => ("Bytes", "Bytes: `b'…'`."),
        "Duration" => ("Duration", "A length of time: `90s`, `12h`, `7d`."),
        "Quantity" => ("Quantity", "An amount as Kubernetes writes it: `250m`, `512Mi`, `2Gi`."),
        "Timestamp" => ("Timestamp", "A moment."),
        "Any" => ("Any", "Any value; where a type is expected, it is held to it when it is evaluated."),
        "Secret" => {
            ("Secret<T>", "Something that never becomes visible: it is given by the name of a Secret and a key.")
        }
        "self" => {
            ("self", "The instance: `self.name`, `self.namespace`, `self.labels`, `self.annotations`, `self.uid`.")
        }
        "it" => ("it", "The value that the rule is about."),
        "name" => ("self.name: String", "The name of the instance."),
        "namespace" => ("self.namespace: String?", "The namespace of the instance; absent where it has none."),
        "labels" => ("self.labels: {String: String}", "The labels of the instance."),
        "annotations" => ("self.annotations: {String: String}", "The annotations of the instance."),
        "uid" => ("self.uid: String", "The instance's `metadata.uid`; only a cluster knows it."),
        "secret" => ("secret: String", "The name of the Secret that holds the value."),
        "key" => ("key: String", "The key in the Secret."),
        _ => return None,
    })
}

/// How a macro is written, and what it gives.
#[must_use]
pub(crate) fn macros(name: &str) -> Option<(&'static [&'static str], &'static str)> {
    Some(match name {
        "has" => (&["has(value.field) -> Bool"], "Whether the field, entry or variable is there."),
        "all" => (
            &["list.all(item, condition) -> Bool", "map.all(key, value, condition) -> Bool"],
            "Whether the condition holds for every element.",
        ),
        "exists" => (
            &["list.exists(item, condition) -> Bool", "map.exists(key, value, condition) -> Bool"],
            "Whether the condition holds for some element.",
        ),
        "exists_one" | "existsOne" => (
            &["list.existsOne(item, condition) -> Bool", "map.existsOne(key, value, condition) -> Bool"],
            "Whether the condition holds for exactly one element.",
        ),
        "filter" => (&["list.filter(item, condition) -> [A]"], "The elements for which the condition holds."),
        "map" => (
            &["list.map(item, expression) -> [B]", "list.map(item, condition, expression) -> [B]"],
            "What the expression gives for each element, or for those for which the condition holds.",
        ),
        "sortBy" => (&["list.sortBy(item, key) -> [A]"], "The elements, sorted by the key of each."),
        "transformList" => (
            &[
                "value.transformList(key, value, expression) -> [B]",
                "value.transformList(key, value, condition, expression) -> [B]",
            ],
            "A list of what the expression gives for each entry.",
        ),
        "transformMap" => (
            &[
                "value.transformMap(key, value, expression) -> {K: B}",
                "value.transformMap(key, value, condition, expression) -> {K: B}",
            ],
            "A map with the same keys and what the expression gives for each entry.",
        ),
        "transformMapEntry" => (
            &[
                "value.transformMapEntry(key, value, entry) -> {K: B}",
                "value.transformMapEntry(key, value, condition, entry) -> {K: B}",
            ],
            "A map of the entries that the expression gives.",
        ),
        "optMap" => (&["value.optMap(name, expression) -> B?"], "The expression over the value, where it is there."),
        "optFlatMap" => (
            &["value.optFlatMap(name, expression) -> B?"],
            "The expression over the value, where it is there; the expression may itself give nothing.",
        ),
        "cel.bind" => (&["cel.bind(name, value, expression) -> B"], "The expression, in which the name is the value."),
        _ => return None,
    })
}
