//! Holds messages against the meta model.

use serde_json::Value as Json;

use super::model::{Base, Message, Model, Sender, Shape, Type};

/// What is wrong, and where.
type Checked = Result<(), Wrong>;

/// A place in a message and what is wrong there.
#[derive(Debug)]
struct Wrong {
    path: Vec<String>,
    what: String,
}

/// Answers that stand for no answer: cancelled, or overtaken by a change.
const CODES: std::ops::RangeInclusive<i64> = -32_899..=-32_000;

impl Model {
    /// What is wrong with a message. For an answer, `answered` is the method of the request.
    #[must_use]
    pub fn wrong(&self, sender: Sender, message: &Json, answered: Option<&str>) -> Option<String> {
        let what = self.message(sender, message, answered).err()?;
        let method = message.get("method").and_then(Json::as_str).or(answered).unwrap_or("a message");
        let place = if what.path.is_empty() { String::new() } else { format!(" at {}", what.path.join(".")) };
        Some(format!("{method}{place}: {}", what.what))
    }

    /// Whether the specification knows a request or notification of this name.
    #[must_use]
    pub fn knows(&self, method: &str) -> bool {
        self.requests.contains_key(method) || self.notifications.contains_key(method)
    }

    fn message(&self, sender: Sender, message: &Json, answered: Option<&str>) -> Checked {
        let Some(object) = message.as_object() else { return wrong("a message is an object") };
        if object.get("jsonrpc").and_then(Json::as_str) != Some("2.0") {
            return wrong("`jsonrpc` is not \"2.0\"");
        }
        let known = ["jsonrpc", "id", "method", "params", "result", "error"];
        if let Some(key) = object.keys().find(|key| !known.contains(&key.as_str())) {
            return wrong(format!("a message has no `{key}`"));
        }
        let id = object.get("id");
        if id.is_some_and(|id| !(id.is_string() || id.is_i64() || id.is_null())) {
            return wrong("`id` is no number and no text");
        }
        match (object.get("method").and_then(Json::as_str), id, answered) {
            (Some(method), id, _) => {
                let all = if id.is_some() { &self.requests } else { &self.notifications };
                let Some(known) = all.get(method) else { return wrong("there is no such message") };
                if !(if sender == Sender::Client { known.client } else { known.server }) {
                    return wrong("it comes from the wrong side");
                }
                self.params(method, known, object.get("params")).map_err(|inner| inner.below("params"))
            }
            (None, Some(_), Some(answered)) => self.answer(answered, object.get("result"), object.get("error")),
            _ => wrong("it is no request, no notification and no answer to a request"),
        }
    }

    fn params(&self, method: &str, known: &Message, params: Option<&Json>) -> Checked {
        match (&known.params, params) {
            (None, None) => Ok(()),
            (None, Some(Json::Null)) => Ok(()),
            (None, Some(_)) => wrong("there should be none"),
            (Some(_), None) => wrong("they are missing"),
            (Some(of), Some(params)) => {
                self.check(of, params)?;
                if method == "$/progress" { self.progress(params) } else { Ok(()) }
            }
        }
    }

    /// The values of progress are free in the model, since partial results come so too.
    fn progress(&self, params: &Json) -> Checked {
        let Some(value) = params.get("value") else { return wrong("there is no value") };
        let name = match value.get("kind").and_then(Json::as_str) {
            Some("begin") => "WorkDoneProgressBegin",
            Some("report") => "WorkDoneProgressReport",
            Some("end") => "WorkDoneProgressEnd",
            _ => return Ok(()),
        };
        self.check(&Type::Reference(name.to_owned()), value).map_err(|inner| inner.below("value"))
    }

    fn answer(&self, method: &str, result: Option<&Json>, error: Option<&Json>) -> Checked {
        match (result, error) {
            (Some(result), None) => {
                let Some(known) = self.requests.get(method) else { return wrong("there is no such request") };
                let Some(of) = &known.result else { return Ok(()) };
                self.check(of, result).map_err(|inner| inner.below("result"))
            }
            (None, Some(error)) => {
                let code = error.get("code").and_then(Json::as_i64);
                if !code.is_some_and(|code| CODES.contains(&code)) {
                    return wrong(format!("an error with the code {code:?}"));
                }
                let message = error.get("message").and_then(Json::as_str);
                if message.is_none_or(str::is_empty) { wrong("an error without a message") } else { Ok(()) }
            }
            _ => wrong("an answer has either a result or an error"),
        }
    }

    fn check(&self, of: &Type, value: &Json) -> Checked {
        match of {
            Type::Any => Ok(()),
            Type::Object if value.is_object() => Ok(()),
            Type::Object => wrong(format!("no object: {}", short(value))),
            Type::Base(base) => base_of(*base, value),
            Type::Reference(name) => match self.types.get(name) {
                Some(of) => self.check(of, value),
                None => wrong(format!("there is no type {name}")),
            },
            Type::Array(of) => {
                let Some(items) = value.as_array() else { return wrong(format!("no list: {}", short(value))) };
                let check = |(at, item)| self.check(of, item).map_err(|inner: Wrong| inner.below(&format!("[{at}]")));
                items.iter().enumerate().try_for_each(check)
            }
            Type::Map(of) => {
                let Some(entries) = value.as_object() else { return wrong(format!("no map: {}", short(value))) };
                entries.iter().try_for_each(|(key, value)| self.check(of, value).map_err(|inner| inner.below(key)))
            }
            Type::Or(items) => {
                let mut deepest: Option<Wrong> = None;
                for of in items {
                    let Err(inner) = self.check(of, value) else { return Ok(()) };
                    if deepest.as_ref().is_none_or(|other| other.path.len() < inner.path.len()) {
                        deepest = Some(inner);
                    }
                }
                deepest.map_or(Ok(()), Err)
            }
            Type::Tuple(of) => {
                let Some(items) = value.as_array().filter(|items| items.len() == of.len()) else {
                    return wrong(format!("no list of {}: {}", of.len(), short(value)));
                };
                of.iter().zip(items).try_for_each(|(of, item)| self.check(of, item))
            }
            Type::Shape(shape) => self.shape(shape, value),
            Type::Literal(literal) if literal == value => Ok(()),
            Type::Literal(literal) => wrong(format!("{} where {literal} is wanted", short(value))),
            Type::Enumeration { custom: true, .. } => base_of(Base::Text, value),
            Type::Enumeration { values, .. } if values.contains(value) => Ok(()),
            Type::Enumeration { .. } => wrong(format!("{} is none of the values", short(value))),
        }
    }

    fn shape(&self, shape: &Shape, value: &Json) -> Checked {
        let Some(object) = value.as_object() else { return wrong(format!("no object: {}", short(value))) };
        // First what tells alternatives apart, so that the deepest complaint is about the right one.
        for (name, (of, optional)) in &shape.properties {
            match object.get(name) {
                None if *optional => {}
                None => return wrong(format!("`{name}` is missing: {}", short(value))),
                Some(inner) if matches!(of, Type::Literal(_)) => {
                    self.check(of, inner)
                        .map_err(|w| Wrong { path: Vec::new(), what: format!("`{name}`: {}", w.what) })?;
                }
                Some(_) => {}
            }
        }
        if let Some(name) = object.keys().find(|name| !shape.open && !shape.properties.contains_key(*name)) {
            return wrong(format!("there is no property `{name}`: {}", short(value)));
        }
        for (name, inner) in object {
            if let Some((of, _)) = shape.properties.get(name) {
                self.check(of, inner).map_err(|inner| inner.below(name))?;
            }
        }
        Ok(())
    }

    /// Holds a part of a result, sent early by progress, against the model.
    #[must_use]
    pub fn wrong_partial(&self, method: &str, value: &Json) -> Option<String> {
        let of = self.requests.get(method)?.partial.as_ref()?;
        self.check(of, value).err().map(|inner| format!("{method}: {}: {}", inner.path.join("."), inner.what))
    }
}

fn wrong(what: impl Into<String>) -> Checked {
    Err(Wrong { path: Vec::new(), what: what.into() })
}

impl Wrong {
    fn below(mut self, place: &str) -> Self {
        self.path.insert(0, place.to_owned());
        self
    }
}

fn short(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() > 120 { text.chars().take(120).chain("…".chars()).collect() } else { text }
}

fn base_of(base: Base, value: &Json) -> Checked {
    let between = |low: i64, high: i64| value.as_i64().is_some_and(|number| number >= low && number <= high);
    let (fits, name) = match base {
        Base::Uri => (value.as_str().is_some_and(is_uri), "URI"),
        Base::Integer => (between(i64::from(i32::MIN), i64::from(i32::MAX)), "integer"),
        Base::Unsigned => (between(0, i64::from(i32::MAX)), "unsigned integer"),
        Base::Decimal => (value.is_number(), "number"),
        Base::Text => (value.is_string(), "text"),
        Base::Truth => (value.is_boolean(), "truth value"),
        Base::Null => (value.is_null(), "null"),
    };
    if fits { Ok(()) } else { wrong(format!("no {name}: {}", short(value))) }
}

/// A scheme, a colon, and only characters that a URI may have.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let letters = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let first = scheme.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    let allowed = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    first && letters && rest.chars().all(allowed)
}
