//! A reader for Protocol Buffers' text format, as far as CEL's conformance
//! files use it. It knows no schema: a message is its fields in order.

/// A message: its fields in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message(pub Vec<(String, Node)>);

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A message in braces.
    Message(Message),
    /// A string or bytes; the schema would tell which.
    Text(Vec<u8>),
    /// A number or a bare word, as written.
    Word(String),
}

impl Message {
    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, node)| node)
    }

    /// The messages in a field.
    pub fn messages<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.all(name).filter_map(|node| if let Node::Message(m) = node { Some(m) } else { None })
    }

    /// The first message in a field.
    #[must_use]
    pub fn message<'a>(&'a self, name: &'a str) -> Option<&'a Self> {
        self.messages(name).next()
    }

    /// The first text in a field.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.all(name).find_map(Node::text)
    }

    /// The first number or word in a field.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(n, node)| match node {
            Node::Word(word) if n == name => Some(word.as_str()),
            _ => None,
        })
    }
}

impl Node {
    /// The text of a string.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        if let Self::Text(bytes) = self { String::from_utf8(bytes.clone()).ok() } else { None }
    }
}

/// Reads a file.
///
/// # Errors
/// What was expected, and in which line.
pub fn read(text: &str) -> Result<Message, String> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
    let message = reader.fields(None);
    message.map_err(|what| format!("line {}: {what}", reader.line()))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn line(&self) -> usize {
        self.bytes.iter().take(self.at).filter(|b| **b == b'\n').count() + 1
    }

    /// The next byte that is neither blank nor comment.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at)? {
                b'#' => self.at += self.rest().iter().take_while(|b| **b != b'\n').count(),
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                other => return Some(*other),
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self) -> Result<String, String> {
        self.peek();
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || b"_.+-/".contains(b);
        let word: Vec<u8> = self.rest().iter().copied().take_while(is_word).collect();
        self.at += word.len();
        if word.is_empty() {
            Err("expected a word".to_owned())
        } else {
            Ok(String::from_utf8_lossy(&word).into_owned())
        }
    }

    /// Fields up to the closing brace, or to the end.
    fn fields(&mut self, close: Option<u8>) -> Result<Message, String> {
        let mut message = Message::default();
        loop {
            match (self.peek(), close) {
                (None, None) => return Ok(message),
                (None, Some(_)) => return Err("a brace is not closed".to_owned()),
                (Some(found), Some(close)) if found == close => {
                    self.at += 1;
                    return Ok(message);
                }
                _ => self.field(&mut message)?,
            }
            let _ = self.take(b',') || self.take(b';');
        }
    }

    fn field(&mut self, message: &mut Message) -> Result<(), String> {
        let name = if self.take(b'[') {
            let name = self.word()?;
            if !self.take(b']') {
                return Err("expected `]`".to_owned());
            }
            name
        } else {
            self.word()?
        };
        let colon = self.take(b':');
        if colon && self.take(b'[') {
            while !self.take(b']') {
                let value = self.value()?;
                message.0.push((name.clone(), value));
                self.take(b',');
            }
            return Ok(());
        }
        if !colon && self.peek() != Some(b'{') {
            return Err(format!("expected `:` or a message after {name}"));
        }
        let value = self.value()?;
        message.0.push((name, value));
        Ok(())
    }

    fn value(&mut self) -> Result<Node, String> {
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                self.fields(Some(b'}')).map(Node::Message)
            }
            Some(b'"' | b'\'') => self.strings().map(Node::Text),
            _ => self.word().map(Node::Word),
        }
    }

    /// Strings that follow one another are one.
    fn strings(&mut self) -> Result<Vec<u8>, String> {
        let mut joined = Vec::new();
        while let Some(quote @ (b'"' | b'\'')) = self.peek() {
            self.at += 1;
            self.string(quote, &mut joined)?;
        }
        Ok(joined)
    }

    fn next(&mut self) -> Result<u8, String> {
        let byte = self.bytes.get(self.at).copied().ok_or("a string is not closed")?;
        self.at += 1;
        Ok(byte)
    }

    fn string(&mut self, quote: u8, out: &mut Vec<u8>) -> Result<(), String> {
        loop {
            match self.next()? {
                b'\\' => self.escape(out)?,
                byte if byte == quote => return Ok(()),
                b'\n' => return Err("a string is not closed".to_owned()),
                byte => out.push(byte),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        let letter = self.next()?;
        let simple = match letter {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' | b'\'' | b'"' | b'?' => letter,
            b'0'..=b'7' => {
                self.at -= 1;
                self.digits(8, 3)? as u8
            }
            b'x' | b'X' => self.digits(16, 2)? as u8,
            b'u' => return self.scalar(4, out),
            b'U' => return self.scalar(8, out),
            _ => return Err(format!("unknown escape \\{}", letter as char)),
        };
        out.push(simple);
        Ok(())
    }

    fn scalar(&mut self, digits: usize, out: &mut Vec<u8>) -> Result<(), String> {
        let scalar = char::from_u32(self.digits(16, digits)?).ok_or("no Unicode scalar")?;
        out.extend_from_slice(scalar.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn digits(&mut self, radix: u32, most: usize) -> Result<u32, String> {
        let digits: String =
            self.rest().iter().take(most).map(|b| *b as char).take_while(|c| c.is_digit(radix)).collect();
        self.at += digits.len();
        u32::from_str_radix(&digits, radix).map_err(|_| "expected digits".to_owned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_files_use() {
        let message =
            read("a: 1 # one\nb { c: 'x' \"y\" }\nb: { c: \"\\303\\277\\x41\\u00e9\\n\" }\nd: [1, -2.5e3] [e.f/G] {}");
        let message = message.unwrap();
        assert_eq!(message.word("a"), Some("1"));
        let texts: Vec<_> = message.messages("b").filter_map(|b| b.text("c")).collect();
        assert_eq!(texts, ["xy", "ÿAé\n"]);
        assert_eq!(message.all("d").count(), 2);
        assert_eq!(message.message("e.f/G"), Some(&Message::default()));
    }

    #[test]
    fn names_the_line_of_a_mistake() {
        assert_eq!(read("a: 1\nb {").unwrap_err(), "line 2: a brace is not closed");
        assert_eq!(read("a: \"x").unwrap_err(), "line 1: a string is not closed");
    }
}
