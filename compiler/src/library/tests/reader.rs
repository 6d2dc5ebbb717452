//! A reader of calls for the table: literals, lists, objects, functions and
//! methods, evaluated at once. It knows nothing of the language's own parser.

use std::iter::Peekable;
use std::str::Chars;

use crate::eval::{Context, Fault};
use crate::library::find;
use crate::value::{Key, Map, Value};

/// Evaluates a call; the names of the functions in it are added to `called`.
pub(super) fn evaluate(text: &str, called: &mut Vec<String>) -> Result<Value, Fault> {
    let mut reader = Reader { chars: text.chars().peekable(), called, ctx: Context::new() };
    let value = reader.expression()?;
    reader.blanks();
    assert_eq!(reader.chars.next(), None, "something is left of {text}");
    Ok(value)
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
    called: &'a mut Vec<String>,
    ctx: Context<'static>,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        while self.chars.next_if(|c| *c == ' ').is_some() {}
    }

    fn takes(&mut self, mark: char) -> bool {
        self.blanks();
        self.chars.next_if_eq(&mark).is_some()
    }

    fn expression(&mut self) -> Result<Value, Fault> {
        self.blanks();
        let mut value = match *self.chars.peek().expect("an expression") {
            '"' => Value::str(&self.string(false).iter().collect::<String>()),
            '[' => {
                self.chars.next();
                Value::list(self.items(']')?)
            }
            '{' => self.object()?,
            '-' | '0'..='9' => self.number(),
            _ => self.word()?,
        };
        while self.takes('.') {
            let name = self.name();
            assert!(self.takes('('), "a method needs brackets");
            let mut args = vec![value];
            args.extend(self.items(')')?);
            value = self.call(&name, &args)?;
        }
        Ok(value)
    }

    fn call(&mut self, name: &str, args: &[Value]) -> Result<Value, Fault> {
        self.called.push(name.to_owned());
        let function = find(name).unwrap_or_else(|| panic!("no function `{name}`"));
        (function.eval)(&mut self.ctx, args)
    }

    fn items(&mut self, end: char) -> Result<Vec<Value>, Fault> {
        let mut items = Vec::new();
        while !self.takes(end) {
            items.push(self.expression()?);
            self.takes(',');
        }
        Ok(items)
    }

    fn object(&mut self) -> Result<Value, Fault> {
        self.chars.next();
        let mut map = Map::default();
        while !self.takes('}') {
            let key = match self.expression()? {
                Value::String(text) => Key::String(text),
                Value::Int(n) => Key::Int(n),
                other => panic!("{other:?} is no key"),
            };
            assert!(self.takes(':'));
            map.insert(key, self.expression()?);
            self.takes(',');
        }
        Ok(Value::map(map))
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.chars.next_if(|c| c.is_ascii_alphanumeric()) {
            name.push(c);
        }
        name
    }

    /// A constant, octets, or a function with its whole name.
    fn word(&mut self) -> Result<Value, Fault> {
        let mut name = self.name();
        if name == "b" && self.chars.peek() == Some(&'"') {
            let octets: Vec<u8> = self.string(true).into_iter().map(|c| c as u8).collect();
            return Ok(Value::Bytes(octets.into()));
        }
        while self.chars.next_if_eq(&'.').is_some() {
            name = format!("{name}.{}", self.name());
        }
        match name.as_str() {
            "true" => return Ok(Value::Bool(true)),
            "false" => return Ok(Value::Bool(false)),
            "null" => return Ok(Value::Null),
            _ => assert!(self.takes('('), "`{name}` is no function"),
        }
        let args = self.items(')')?;
        self.call(&name, &args)
    }

    fn number(&mut self) -> Value {
        let mut text = String::new();
        while let Some(c) = self.chars.next_if(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | 'e')) {
            // A method of a number would begin with a dot and a letter; the table has none.
            text.push(c);
        }
        if self.chars.next_if_eq(&'u').is_some() {
            return Value::Uint(text.parse().expect("a number"));
        }
        match text.parse() {
            Ok(n) => Value::Int(n),
            Err(_) => Value::Float(text.parse().expect("a number")),
        }
    }

    /// The characters of a string; in octets each non-ASCII one is its UTF-8.
    fn string(&mut self, octets: bool) -> Vec<char> {
        self.chars.next();
        let mut text = Vec::new();
        loop {
            match self.chars.next().expect("the end of a string") {
                '"' => return text,
                '\\' => text.push(self.escape()),
                c if octets => text.extend(c.to_string().bytes().map(char::from)),
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> char {
        match self.chars.next().expect("an escape") {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'u' => self.hex(4),
            'x' => self.hex(2),
            c => c,
        }
    }

    fn hex(&mut self, digits: usize) -> char {
        let digits: String = self.chars.by_ref().take(digits).collect();
        char::from_u32(u32::from_str_radix(&digits, 16).expect("digits")).expect("a character")
    }
}
