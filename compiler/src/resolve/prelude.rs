//! Which part of the prelude a program needs. Parsing costs more than a look
//! at the text, so declarations that nothing mentions are blanked before: every
//! place in the file stays where it is.

use std::ops::Range;
use std::sync::LazyLock;

/// Declarations of the prelude, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mentions(u64);

impl Mentions {
    const fn of(index: usize) -> Self {
        Self(1 << index)
    }

    const fn has(self, index: usize) -> bool {
        self.0 & Self::of(index).0 != 0
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The text of a prelude, cut into its declarations.
pub(super) struct Prelude {
    text: &'static str,
    chunks: Vec<Chunk>,
}

/// A declaration with its documentation.
struct Chunk {
    name: &'static str,
    body: Range<usize>,
    mentions: Mentions,
}

/// The prelude of the standard library.
pub(super) fn standard() -> Option<&'static Prelude> {
    static PRELUDE: LazyLock<Option<Prelude>> =
        LazyLock::new(|| tessera_stdlib::module(tessera_stdlib::PRELUDE_MODULE).map(Prelude::of));
    PRELUDE.as_ref()
}

impl Prelude {
    fn of(text: &'static str) -> Self {
        let mut prelude = Self { text, chunks: chunks(text) };
        // More declarations than bits are always there.
        prelude.chunks.truncate(u64::BITS as usize);
        for index in 0..prelude.chunks.len() {
            let mentions = prelude.mentions(prelude.body(index));
            prelude.chunks.iter_mut().skip(index).take(1).for_each(|chunk| chunk.mentions = mentions);
        }
        prelude
    }

    fn body(&self, index: usize) -> &'static str {
        self.chunks.get(index).and_then(|chunk| self.text.get(chunk.body.clone())).unwrap_or("")
    }

    /// The declarations whose names stand in a text.
    pub(super) fn mentions(&self, text: &str) -> Mentions {
        let of = |word: &str| self.chunks.iter().position(|chunk| chunk.name == word).map(Mentions::of);
        names(text).filter_map(of).fold(Mentions::default(), Mentions::and)
    }

    /// The text with all declarations blanked that are neither mentioned nor needed by
    /// those that are; `None` where nothing of it is needed.
    pub(super) fn needed(&self, mentioned: Mentions) -> Option<String> {
        let mut kept = mentioned;
        loop {
            let chunks = self.chunks.iter().enumerate();
            let more = chunks.filter(|(index, _)| kept.has(*index)).fold(kept, |all, (_, c)| all.and(c.mentions));
            if more == kept {
                break;
            }
            kept = more;
        }
        let end = self.chunks.last().map_or(0, |chunk| chunk.body.end);
        let rest = self.text.get(end..).unwrap_or("");
        if kept == Mentions::default() && rest.is_empty() {
            return None;
        }
        let head = self.chunks.first().map_or(self.text.len(), |chunk| chunk.body.start);
        let mut out = self.text.get(..head).unwrap_or("").to_owned();
        for index in 0..self.chunks.len() {
            let body = self.body(index);
            if kept.has(index) {
                out.push_str(body);
            } else {
                out.extend(body.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
            }
        }
        out.push_str(rest);
        Some(out)
    }
}

/// The declarations of a prelude.
fn chunks(prelude: &'static str) -> Vec<Chunk> {
    let mut starts: Vec<(&str, usize)> = Vec::new();
    let (mut offset, mut documented) = (0, None);
    for line in prelude.split_inclusive('\n') {
        if line.starts_with("///") {
            documented.get_or_insert(offset);
        } else if let Some(rest) = line.strip_prefix("type ") {
            let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            starts.push((rest.get(..end).unwrap_or(""), documented.take().unwrap_or(offset)));
        } else {
            documented = None;
        }
        offset += line.len();
    }
    let ends = starts.iter().skip(1).map(|(_, start)| *start).chain([prelude.len()]);
    let chunk = |((name, start), end): (&(&'static str, usize), usize)| Chunk {
        name,
        body: *start..end,
        mentions: Mentions::default(),
    };
    starts.iter().zip(ends).map(chunk).collect()
}

/// The words of a text that begin with a capital, as the names of types do.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += bytes.get(at..)?.iter().position(|b| is_word(*b))?;
            let start = at;
            let rest = bytes.get(at..)?;
            at += rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len());
            if bytes.get(start).is_some_and(u8::is_ascii_uppercase) {
                return text.get(start..at);
            }
        }
    })
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_is_left_at_its_place() {
        let text = "module m\n\n/// One.\ntype A = String\n  where it > B\n\ntype B = Int\n\n/// Ä.\ntype C = Int\n";
        let prelude = Prelude::of(text);
        let needed = |given: &str| prelude.needed(prelude.mentions(given));
        assert_eq!(needed("param x: A, y: C").as_deref(), Some(text));
        let some = needed("param x: A").unwrap();
        assert_eq!(some.len(), text.len());
        assert!(some.contains("type A") && some.contains("type B") && !some.contains("type C"));
        assert_eq!(some.find("type B"), text.find("type B"));
        assert_eq!(needed("xA: 80, A-x: a, A_"), None);
    }
}
