//! The serialised form of values, which reads back to the same value. What
//! JSON tells apart by itself is written plainly: `null`, `true`, `1`, `"a"`,
//! `[1]`. Everything else is an object with one key that names its type:
//! `{"map": {…}}`, `{"entries": [[key, value], …]}` where a key is no string,
//! `{"uint": 1}`, `{"float": "1.5"}`, `{"bytes": "base64"}`, `{"duration":
//! "1h30m"}`, `{"timestamp": "…"}`, `{"quantity": ["1Gi", "binarySI"]}`,
//! `{"type": "int"}`, `{"opaque": ["net.IP", "10.0.0.1"]}`, `{"absent": null}`.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Key, Map, Text, Value, decode_base64, encode_base64};
use crate::library::Opaque;
use crate::units::{self, Family, Quantity};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(b) => serializer.serialize_bool(*b),
            Self::Int(n) => serializer.serialize_i64(*n),
            Self::String(s) => serializer.serialize_str(s),
            Self::List(items) => serializer.collect_seq(items.iter()),
            Self::Absent => tagged(serializer, "absent", &()),
            Self::Uint(n) => tagged(serializer, "uint", n),
            Self::Float(f) => tagged(serializer, "float", &f.to_string()),
            Self::Bytes(b) => tagged(serializer, "bytes", &encode_base64(b)),
            Self::Duration(d) => tagged(serializer, "duration", &units::format_duration(*d)),
            Self::Timestamp(t) => tagged(serializer, "timestamp", &units::format_timestamp(*t)),
            Self::Quantity(q) => tagged(serializer, "quantity", &quantity_parts(q)),
            Self::Type(name) => tagged(serializer, "type", name),
            Self::Opaque(o) => tagged(serializer, "opaque", &(o.type_name(), o.to_string())),
            Self::Map(map) if map.iter().all(|(key, _)| key.as_str().is_some()) => {
                tagged(serializer, "map", &Fields(map))
            }
            Self::Map(map) => tagged(serializer, "entries", &Entries(map)),
        }
    }
}

fn tagged<S: Serializer>(serializer: S, tag: &str, value: &(impl Serialize + ?Sized)) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(tag, value)?;
    map.end()
}

/// The text and family; a value that the binary suffixes cannot hold is
/// written in decimal, so that no reading cuts it.
fn quantity_parts(quantity: &Quantity) -> (String, &'static str) {
    let text = quantity.to_string();
    let exact = Quantity::parse(&text).is_ok_and(|read| read == *quantity);
    let text = if exact { text } else { Quantity::from_nanos(quantity.nanos(), Family::DecimalSI).to_string() };
    (text, family_name(quantity.family()))
}

const fn family_name(family: Family) -> &'static str {
    match family {
        Family::BinarySI => "binarySI",
        Family::DecimalSI => "decimalSI",
        Family::DecimalExponent => "decimalExponent",
    }
}

struct Fields<'a>(&'a Map);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter_map(|(key, value)| Some((key.as_str()?, value))))
    }
}

struct Entries<'a>(&'a Map);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_seq(Some(self.0.len()))?;
        for (key, value) in self.0 {
            entries.serialize_element(&(Value::from(key.clone()), value))?;
        }
        entries.end()
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a serialised value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(|_| E::custom("an integer is out of range"))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::str(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::list(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let tag: Text = map.next_key()?.ok_or_else(|| de::Error::custom("a value without a type"))?;
        let value = tagged_value(&tag, &mut map)?;
        match map.next_key::<Text>()? {
            None => Ok(value),
            Some(_) => Err(de::Error::custom("a value with two types")),
        }
    }
}

fn tagged_value<'de, A: MapAccess<'de>>(tag: &str, map: &mut A) -> Result<Value, A::Error> {
    Ok(match tag {
        "absent" => map.next_value::<()>().map(|()| Value::Absent)?,
        "uint" => Value::Uint(map.next_value()?),
        "type" => Value::Type(map.next_value()?),
        "map" => Value::map(map.next_value::<FieldMap>()?.0),
        "entries" => entries(map.next_value()?)?,
        "quantity" => quantity(map.next_value()?)?,
        "opaque" => {
            let (name, text): (Text, Text) = map.next_value()?;
            Value::Opaque(Arc::new(Opaque::parse(&name, &text).ok_or_else(|| bad(tag, &text))?))
        }
        _ => {
            let text: Text = map.next_value()?;
            from_text(tag, &text).ok_or_else(|| bad(tag, &text))?
        }
    })
}

fn bad<E: de::Error>(tag: &str, text: &str) -> E {
    E::custom(format!("not a value of type {tag}: {text:?}"))
}

fn from_text(tag: &str, text: &str) -> Option<Value> {
    Some(match tag {
        "float" => Value::Float(text.parse().ok()?),
        "bytes" => Value::Bytes(decode_base64(text)?.into()),
        "duration" => Value::Duration(units::parse_duration(text).ok()?),
        "timestamp" => Value::Timestamp(units::parse_timestamp(text).ok()?),
        _ => return None,
    })
}

fn quantity<E: de::Error>((text, family): (Text, Text)) -> Result<Value, E> {
    let family =
        [Family::BinarySI, Family::DecimalSI, Family::DecimalExponent].into_iter().find(|f| family_name(*f) == family);
    match (Quantity::parse(&text), family) {
        (Ok(read), Some(family)) => Ok(Value::Quantity(Arc::new(Quantity::from_nanos(read.nanos(), family)))),
        _ => Err(bad("quantity", &text)),
    }
}

fn entries<E: de::Error>(entries: Vec<(Value, Value)>) -> Result<Value, E> {
    let mut map = Map::with_capacity(entries.len());
    for (key, value) in entries {
        let key = Key::of(&key).ok_or_else(|| E::custom("not a key of a map"))?;
        map.insert(key, value);
    }
    Ok(Value::map(map))
}

struct FieldMap(Map);

impl<'de> Deserialize<'de> for FieldMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = FieldMap;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of values")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<FieldMap, A::Error> {
                let mut map = Map::default();
                while let Some((key, value)) = access.next_entry::<Text, Value>()? {
                    map.insert(key, value);
                }
                Ok(FieldMap(map))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(value: &Value, text: &str) {
        assert_eq!(serde_json::to_string(value).unwrap(), text);
        let read: Value = serde_json::from_str(text).unwrap();
        assert_eq!(format!("{read:?}"), format!("{value:?}"));
    }

    #[test]
    fn every_value_reads_back() {
        let quantity = |text: &str| Value::Quantity(Arc::new(Quantity::parse(text).unwrap()));
        let mut fields = Map::default();
        fields.insert("b", Value::Int(1));
        fields.insert("a", Value::Absent);
        let mut entries = Map::default();
        entries.insert(Key::Uint(1), Value::Null);
        for (value, text) in [
            (Value::Null, "null"),
            (Value::Absent, r#"{"absent":null}"#),
            (Value::Bool(true), "true"),
            (Value::Int(i64::MIN), "-9223372036854775808"),
            (Value::Uint(u64::MAX), r#"{"uint":18446744073709551615}"#),
            (Value::Float(-0.0), r#"{"float":"-0"}"#),
            (Value::Float(f64::NAN), r#"{"float":"NaN"}"#),
            (Value::Float(f64::NEG_INFINITY), r#"{"float":"-inf"}"#),
            (Value::Float(0.1), r#"{"float":"0.1"}"#),
            (Value::str("x"), r#""x""#),
            (Value::Bytes(Arc::from(&b"\xff"[..])), r#"{"bytes":"/w=="}"#),
            (Value::Duration(units::parse_duration("90m").unwrap()), r#"{"duration":"1h30m"}"#),
            (
                Value::Timestamp(units::parse_timestamp("2020-01-01T00:00:00Z").unwrap()),
                r#"{"timestamp":"2020-01-01T00:00:00Z"}"#,
            ),
            (quantity("1024Mi"), r#"{"quantity":["1Gi","binarySI"]}"#),
            (quantity("0Ki"), r#"{"quantity":["0","decimalSI"]}"#),
            (quantity("1e3"), r#"{"quantity":["1e3","decimalExponent"]}"#),
            (Value::list(vec![Value::Int(1), Value::list(vec![])]), "[1,[]]"),
            (Value::Type("int".into()), r#"{"type":"int"}"#),
            (Value::map(fields), r#"{"map":{"b":1,"a":{"absent":null}}}"#),
            (Value::map(entries), r#"{"entries":[[{"uint":1},null]]}"#),
        ] {
            round_trip(&value, text);
        }
    }

    #[test]
    fn a_binary_quantity_above_the_cut_keeps_its_value() {
        let large = Quantity::parse("7Ei").unwrap().times(1000).unwrap();
        let text = serde_json::to_string(&Value::Quantity(Arc::new(large))).unwrap();
        let Value::Quantity(read) = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
        assert_eq!((read.nanos(), read.family()), (large.nanos(), Family::BinarySI));
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for text in [
            "{}",
            r#"{"uint":-1}"#,
            r#"{"duration":"x"}"#,
            r#"{"uint":1,"float":"1"}"#,
            r#"{"x":"y"}"#,
            "18446744073709551615",
        ] {
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_stay_small() {
        assert!(size_of::<Value>() <= 32);
        assert!(size_of::<Result<Value, crate::eval::Fault>>() <= 32);
    }
}
