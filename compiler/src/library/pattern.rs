//! Regular expressions as RE2 and Go write them, translated to the syntax of
//! the `regex` crate, which differs where text would otherwise silently mean
//! something else: `\d \w \s \b` are ASCII, `[a[]` is a class of two, `&&` in a
//! class are two ampersands, `\<` is a character, `{,2}` is text.

use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, RegexBuilder};

/// The most bytes of a compiled pattern.
const MAX_COMPILED: usize = 1024 * 1024;
/// How deep groups may be nested.
const MAX_NESTED: u32 = 200;
/// The largest count in braces, as in RE2.
const MAX_REPEAT: u32 = 1000;

type Translated<T> = Result<T, String>;

/// Compiles a pattern.
///
/// # Errors
/// A reason in a few words.
pub(crate) fn compile(pattern: &str) -> Translated<Regex> {
    let mut translator = Translator::new(pattern);
    translator.translate()?;
    RegexBuilder::new(&translator.out)
        .size_limit(MAX_COMPILED)
        .nest_limit(MAX_NESTED)
        .build()
        .map_err(|error| reason(&error))
}

fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it is too large when compiled".to_owned(),
        error => error.to_string().lines().last().unwrap_or("").trim_start_matches("error: ").to_owned(),
    }
}

struct Translator<'a> {
    rest: &'a str,
    out: String,
    /// The last thing was a repetition, which must not be repeated.
    repeated: bool,
    /// How often the last thing is repeated in all, by counts inside it too.
    last: u32,
    /// The same for the most repeated thing of each open group, the outermost first.
    groups: Vec<u32>,
}

impl<'a> Translator<'a> {
    fn new(rest: &'a str) -> Self {
        Self { rest, out: String::with_capacity(rest.len() + 16), repeated: false, last: 1, groups: vec![1] }
    }

    fn translate(&mut self) -> Translated<()> {
        while let Some(c) = self.rest.chars().next() {
            let repeats = matches!(c, '*' | '+' | '?') || (c == '{' && self.braces().is_some());
            if repeats && self.repeated {
                return Err("a repetition cannot be repeated".to_owned());
            }
            if !repeats {
                self.last = 1;
            }
            self.repeated = repeats;
            self.one(c)?;
        }
        Ok(())
    }

    fn one(&mut self, c: char) -> Translated<()> {
        match c {
            '\\' => self.escape(),
            '[' => self.class(),
            '(' => self.group(),
            '{' => self.repetition(),
            '*' | '+' | '?' => {
                self.copy(1);
                self.lazy();
                Ok(())
            }
            ')' => {
                self.copy(1);
                self.last = if self.groups.len() > 1 { self.groups.pop().unwrap_or(1) } else { 1 };
                self.count(1)
            }
            '.' | '^' | '$' | '|' => {
                self.copy(1);
                Ok(())
            }
            c => {
                self.skip(c.len_utf8());
                push_literal(&mut self.out, c);
                Ok(())
            }
        }
    }

    /// Takes bytes over as they are.
    fn copy(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.out.push_str(taken);
        self.rest = rest;
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }

    fn lazy(&mut self) {
        if self.rest.starts_with('?') {
            self.copy(1);
        }
    }

    /// The length of `{2}`, `{2,}` or `{2,3}` at the front.
    fn braces(&self) -> Option<(usize, u32)> {
        let (counts, _) = self.rest.strip_prefix('{')?.split_once('}')?;
        let (least, most) = counts.split_once(',').map_or((counts, None), |(least, most)| (least, Some(most)));
        let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let fits = number(least) && most.is_none_or(|most| most.is_empty() || number(most));
        let count = |text: &str| text.parse().unwrap_or(u32::MAX);
        fits.then(|| (counts.len() + 2, count(least).max(most.filter(|most| !most.is_empty()).map_or(0, count))))
    }

    fn repetition(&mut self) -> Translated<()> {
        let Some((length, count)) = self.braces() else {
            self.skip(1);
            push_literal(&mut self.out, '{');
            return Ok(());
        };
        self.count(count)?;
        self.copy(length);
        self.lazy();
        Ok(())
    }

    /// Repeats the last thing so often. Counts inside one another multiply.
    fn count(&mut self, times: u32) -> Translated<()> {
        self.last = self.last.saturating_mul(times.max(1));
        if self.last > MAX_REPEAT {
            return Err(format!("repeat counts are above {MAX_REPEAT}, those inside one another multiplied"));
        }
        if let Some(group) = self.groups.last_mut() {
            *group = self.last.max(*group);
        }
        Ok(())
    }

    fn group(&mut self) -> Translated<()> {
        let Some(flags) = self.rest.strip_prefix("(?") else {
            self.copy(1);
            self.groups.push(1);
            return Ok(());
        };
        if flags.starts_with("P<") || flags.starts_with('<') && !flags.starts_with("<=") && !flags.starts_with("<!") {
            self.copy(self.rest.find('>').map_or(self.rest.len(), |end| end + 1));
            self.groups.push(1);
            return Ok(());
        }
        let length = flags.find(|c: char| !"imsU-".contains(c)).unwrap_or(flags.len());
        match flags.get(length..).and_then(|rest| rest.chars().next()) {
            Some(end @ (':' | ')')) => {
                self.copy(length + 3);
                if end == ':' {
                    self.groups.push(1);
                }
                Ok(())
            }
            _ => Err("`(?` is followed by something that RE2 does not know; look-around is not supported".to_owned()),
        }
    }

    fn escape(&mut self) -> Translated<()> {
        if let Some(text) = self.rest.strip_prefix("\\Q") {
            let (text, rest) = text.split_once("\\E").unwrap_or((text, ""));
            text.chars().for_each(|c| push_literal(&mut self.out, c));
            self.rest = rest;
            return Ok(());
        }
        let mut chars = self.rest.chars();
        chars.next();
        match chars.next() {
            Some('A' | 'z') => self.copy(2),
            Some(c @ ('b' | 'B')) => {
                self.skip(2);
                self.out.push_str(if c == 'b' { r"(?-u:\b)" } else { r"(?-u:\B)" });
            }
            _ => {
                let mut chars = self.rest.chars().peekable();
                let unit = escaped(&mut chars)?;
                self.rest = self.rest.get(self.rest.len() - remaining(chars)..).unwrap_or("");
                unit.push(&mut self.out);
            }
        }
        Ok(())
    }

    fn class(&mut self) -> Translated<()> {
        let mut chars = self.rest.chars().peekable();
        chars.next();
        self.out.push('[');
        if chars.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            match chars.peek() {
                None => return Err("a class is not closed".to_owned()),
                Some(']') if !first => break,
                Some(_) => class_item(&mut chars, &mut self.out)?,
            }
            first = false;
        }
        chars.next();
        self.out.push(']');
        self.rest = self.rest.get(self.rest.len() - remaining(chars)..).unwrap_or("");
        Ok(())
    }
}

/// The bytes that an iterator has left.
fn remaining(chars: Peekable<Chars<'_>>) -> usize {
    chars.map(char::len_utf8).sum()
}

/// One character, or a set of them.
enum Unit {
    Char(char),
    /// In the other syntax, to stand inside a class.
    Set(String),
}

impl Unit {
    fn push(self, out: &mut String) {
        match self {
            Self::Char(c) => push_literal(out, c),
            Self::Set(set) => out.push_str(&format!("[{set}]")),
        }
    }
}

fn class_item(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Translated<()> {
    if let Some(set) = posix(chars)? {
        out.push_str(&set);
        return Ok(());
    }
    let low = match class_unit(chars)? {
        Unit::Set(set) => {
            out.push_str(&set);
            return Ok(());
        }
        Unit::Char(c) => c,
    };
    let mut ahead = chars.clone();
    if ahead.next() != Some('-') || matches!(ahead.peek(), None | Some(']')) {
        push_literal(out, low);
        return Ok(());
    }
    *chars = ahead;
    match class_unit(chars)? {
        Unit::Char(high) if low <= high => {
            push_literal(out, low);
            out.push('-');
            push_literal(out, high);
            Ok(())
        }
        _ => Err("the range of a class is not valid".to_owned()),
    }
}

fn class_unit(chars: &mut Peekable<Chars<'_>>) -> Translated<Unit> {
    if chars.peek() == Some(&'\\') {
        return escaped(chars);
    }
    chars.next().map(Unit::Char).ok_or_else(|| "a class is not closed".to_owned())
}

/// `[:alpha:]` inside a class.
fn posix(chars: &mut Peekable<Chars<'_>>) -> Translated<Option<String>> {
    let text: String = chars.clone().take(16).collect();
    let Some((name, _)) = text.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else { return Ok(None) };
    let known = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
        "word", "xdigit",
    ];
    if !known.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return Err(format!("`[:{name}:]` is no class"));
    }
    chars.nth(name.chars().count() + 3);
    Ok(Some(format!("[:{name}:]")))
}

/// An escape that stands for characters, outside and inside of classes.
fn escaped(chars: &mut Peekable<Chars<'_>>) -> Translated<Unit> {
    chars.next();
    let Some(c) = chars.next() else { return Err("it ends with a backslash".to_owned()) };
    Ok(match c {
        'd' => Unit::Set("0-9".to_owned()),
        'D' => Unit::Set("[^0-9]".to_owned()),
        's' => Unit::Set(r"\t\n\x0C\r ".to_owned()),
        'S' => Unit::Set(r"[^\t\n\x0C\r ]".to_owned()),
        'w' => Unit::Set("0-9A-Za-z_".to_owned()),
        'W' => Unit::Set("[^0-9A-Za-z_]".to_owned()),
        'p' | 'P' => Unit::Set(property(c == 'P', chars)?),
        'a' => Unit::Char('\u{7}'),
        'f' => Unit::Char('\u{c}'),
        'n' => Unit::Char('\n'),
        'r' => Unit::Char('\r'),
        't' => Unit::Char('\t'),
        'v' => Unit::Char('\u{b}'),
        'x' => Unit::Char(hexadecimal(chars)?),
        '0' => Unit::Char(octal(0, chars)),
        '1'..='7' if matches!(chars.peek(), Some('0'..='7')) => Unit::Char(octal(c.to_digit(8).unwrap_or(0), chars)),
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => Unit::Char(c),
        c => return Err(format!("`\\{c}` is no escape of RE2")),
    })
}

fn octal(first: u32, chars: &mut Peekable<Chars<'_>>) -> char {
    let mut value = first;
    for _ in 0..2 {
        let Some(digit) = chars.next_if(|c| c.is_digit(8)).and_then(|c| c.to_digit(8)) else { break };
        value = value * 8 + digit;
    }
    char::from_u32(value).unwrap_or('\0')
}

fn hexadecimal(chars: &mut Peekable<Chars<'_>>) -> Translated<char> {
    let braces = chars.next_if_eq(&'{').is_some();
    let digits: String =
        if braces { chars.by_ref().take_while(|c| *c != '}').collect() } else { chars.by_ref().take(2).collect() };
    let fits = digits.bytes().all(|b| b.is_ascii_hexdigit()) && (braces || digits.len() == 2);
    let value = u32::from_str_radix(&digits, 16).ok().filter(|_| fits);
    let reason = "`\\x` needs two hexadecimal digits or a character's number in braces";
    value.and_then(char::from_u32).ok_or_else(|| reason.to_owned())
}

fn property(negated: bool, chars: &mut Peekable<Chars<'_>>) -> Translated<String> {
    let name: String = if chars.next_if_eq(&'{').is_some() {
        chars.by_ref().take_while(|c| *c != '}').collect()
    } else {
        chars.by_ref().take(1).collect()
    };
    let (name, negated) = name.strip_prefix('^').map_or((name.as_str(), negated), |name| (name, !negated));
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err("`\\p` needs the name of a category or script".to_owned());
    }
    Ok(format!("\\{}{{{name}}}", if negated { 'P' } else { 'p' }))
}

fn push_literal(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || !c.is_ascii() {
        out.push(c);
    } else {
        out.push_str(&format!("\\x{{{:X}}}", c as u32));
    }
}
