//! What a test expects: a value, an error or a type.

use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::evaluate::Answer;
use tessera_compiler::units::{Duration, Timestamp};
use tessera_compiler::value::{Key, Map, Value};

use super::textproto::{Message, Node};

/// What a test expects.
#[derive(Clone, Debug)]
pub enum Expected {
    /// This value.
    Value(Value),
    /// Any error.
    Error,
    /// This value, and this type as we write it.
    Typed(Option<Value>, String),
}

/// What a test expects.
pub(super) fn of(test: &Message) -> Result<Expected, String> {
    if test.message("eval_error").is_some() || test.message("any_eval_errors").is_some() {
        return Ok(Expected::Error);
    }
    if let Some(wanted) = test.message("value") {
        return value(wanted).map(Expected::Value);
    }
    if let Some(typed) = test.message("typed_result") {
        let result = typed.message("result").map(value).transpose()?;
        let ty = ty(typed.message("deduced_type").ok_or("a result without a type")?)?;
        return Ok(Expected::Typed(result, ty));
    }
    if test.message("unknown").is_some() || test.message("any_unknowns").is_some() {
        return Err("unknown values".to_owned());
    }
    // `simple.proto`: without an expectation the result is `true`.
    Ok(Expected::Value(Value::Bool(true)))
}

/// A `cel.expr.Value`.
pub(super) fn value(message: &Message) -> Result<Value, String> {
    let [(kind, node)] = message.0.as_slice() else { return Err("a value of one kind".to_owned()) };
    match (kind.as_str(), node) {
        ("null_value", _) => Ok(Value::Null),
        ("bool_value", Node::Word(word)) => word.parse().map(Value::Bool).map_err(|e| format!("{e}: {word}")),
        ("int64_value", Node::Word(word)) => integer(word).and_then(number).map(Value::Int),
        ("uint64_value", Node::Word(word)) => integer(word).and_then(number).map(Value::Uint),
        ("double_value", Node::Word(word)) => double(word).map(Value::Float),
        ("string_value", node) => node.text().map(|text| Value::str(&text)).ok_or_else(|| "UTF-8".to_owned()),
        ("bytes_value", Node::Text(bytes)) => Ok(Value::Bytes(bytes.as_slice().into())),
        ("type_value", node) => {
            node.text().map(|text| Value::Type(text.as_str().into())).ok_or_else(|| "a name".to_owned())
        }
        ("list_value", Node::Message(list)) => {
            list.messages("values").map(value).collect::<Result<_, _>>().map(Value::list)
        }
        ("map_value", Node::Message(map)) => entries(map),
        ("object_value", Node::Message(object)) => well_known(object),
        _ => Err(format!("a {kind}")),
    }
}

fn entries(map: &Message) -> Result<Value, String> {
    let mut built = Map::default();
    for entry in map.messages("entries") {
        let key = value(entry.message("key").ok_or("an entry without a key")?)?;
        let key = Key::of(&key).ok_or("a key of a type that no key has")?;
        built.insert(key, value(entry.message("value").ok_or("an entry without a value")?)?);
    }
    Ok(Value::map(built))
}

/// The two messages of Protocol Buffers that are CEL's own types.
fn well_known(object: &Message) -> Result<Value, String> {
    let [(url, Node::Message(fields))] = object.0.as_slice() else { return Err("one message".to_owned()) };
    let part = |name: &str| fields.word(name).map_or(Ok(0), integer);
    match url.as_str() {
        "type.googleapis.com/google.protobuf.Duration" => {
            Ok(Value::Duration(Duration::new(number(part("seconds")?)?, number(part("nanos")?)?)))
        }
        "type.googleapis.com/google.protobuf.Timestamp" => {
            let made = Timestamp::new(number(part("seconds")?)?, number(part("nanos")?)?);
            made.map(Value::Timestamp).map_err(|_| "a timestamp in range".to_owned())
        }
        _ => Err(format!("the message {}", url.rsplit('/').next().unwrap_or(url))),
    }
}

/// Decimal, hexadecimal or octal, as the text format has them.
fn integer(word: &str) -> Result<i128, String> {
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |digits| (-1, digits));
    let read = if let Some(hex) = digits.strip_prefix("0x") {
        i128::from_str_radix(hex, 16)
    } else if digits.len() > 1 && digits.starts_with('0') {
        i128::from_str_radix(digits, 8)
    } else {
        digits.parse()
    };
    read.map(|n| sign * n).map_err(|e| format!("{e}: {word}"))
}

fn number<T: TryFrom<i128>>(n: i128) -> Result<T, String> {
    T::try_from(n).map_err(|_| format!("{n} in range"))
}

fn double(word: &str) -> Result<f64, String> {
    match word {
        "inf" | "infinity" => Ok(f64::INFINITY),
        "-inf" | "-infinity" => Ok(f64::NEG_INFINITY),
        "nan" => Ok(f64::NAN),
        _ => word.trim_end_matches('f').parse().map_err(|e| format!("{e}: {word}")),
    }
}

/// A `cel.expr.Type` as the language writes it.
fn ty(message: &Message) -> Result<String, String> {
    let [(kind, node)] = message.0.as_slice() else { return Err("a type of one kind".to_owned()) };
    let inner = |list: &Message, field: &str| list.message(field).map_or_else(|| Ok("Any".to_owned()), ty);
    match (kind.as_str(), node) {
        ("primitive", Node::Word(name)) => Ok(primitive(name).to_owned()),
        ("well_known", Node::Word(name)) => Ok(primitive(name).to_owned()),
        ("null", _) => Ok("null".to_owned()),
        ("dyn", _) => Ok("Any".to_owned()),
        ("list_type", Node::Message(list)) => Ok(format!("[{}]", inner(list, "elem_type")?)),
        ("map_type", Node::Message(map)) => {
            Ok(format!("{{{}: {}}}", inner(map, "key_type")?, inner(map, "value_type")?))
        }
        ("abstract_type", Node::Message(named)) if named.text("name").as_deref() == Some("optional_type") => {
            Ok(format!("{}?", inner(named, "parameter_types")?))
        }
        _ => Err(format!("a type that is {kind}")),
    }
}

fn primitive(name: &str) -> &str {
    match name {
        "BOOL" => "Bool",
        "INT64" => "Int",
        "UINT64" => "Uint",
        "DOUBLE" => "Float",
        "STRING" => "String",
        "BYTES" => "Bytes",
        "TIMESTAMP" => "Timestamp",
        "DURATION" => "Duration",
        other => other,
    }
}

impl Expected {
    /// Whether an answer is what is expected.
    ///
    /// # Errors
    /// What is expected, for a message.
    pub fn meet(&self, answer: &Result<Answer, Vec<Diagnostic>>) -> Result<(), String> {
        let met = match (self, answer) {
            (Self::Value(wanted), Ok(answer)) => identical(wanted, &answer.value),
            (Self::Error, Err(_)) => true,
            (Self::Typed(wanted, ty), Ok(answer)) => {
                *ty == answer.ty && wanted.as_ref().is_none_or(|wanted| identical(wanted, &answer.value))
            }
            _ => false,
        };
        if met { Ok(()) } else { Err(self.shown()) }
    }

    fn shown(&self) -> String {
        match self {
            Self::Value(value) => format!("{value:?}"),
            Self::Error => "an error".to_owned(),
            Self::Typed(Some(value), ty) => format!("{value:?} of type {ty}"),
            Self::Typed(None, ty) => format!("a value of type {ty}"),
        }
    }
}

/// The same value of the same type. It is not the equality of the language,
/// which takes `1` and `1.0` for equal and NaN for nothing.
fn identical(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Uint(a), Value::Uint(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits() || a == b || (a.is_nan() && b.is_nan()),
        (Value::String(a), Value::String(b)) | (Value::Type(a), Value::Type(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| identical(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    let other = b.0.get_full(key);
                    other.is_some_and(|(_, k, v)| same_kind(key, k) && identical(value, v))
                })
        }
        _ => false,
    }
}

/// Keys that are equal may still be an Int and a Uint.
fn same_kind(a: &Key, b: &Key) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}
