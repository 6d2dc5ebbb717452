//! The files that tests run over, and random changes to them.

use std::path::{Path, PathBuf};

/// A file of a project: its path from there, and its text.
pub type File = (String, String);

/// The top folder of the repository.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The files below a folder with this extension, sorted; none when there is no
/// such folder.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path, extension: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The names of the examples, sorted.
///
/// # Errors
/// When their folder cannot be read.
pub fn examples() -> std::io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join("examples"))? {
        let entry = entry?;
        if entry.path().is_dir() {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// The files of an example.
///
/// # Errors
/// When one cannot be read.
pub fn example(name: &str) -> std::io::Result<Vec<File>> {
    project(&root().join("examples").join(name))
}

/// The files of a project in a folder.
///
/// # Errors
/// When one cannot be read.
pub fn project(folder: &Path) -> std::io::Result<Vec<File>> {
    let mut found = Vec::new();
    for extension in ["tess", "yaml", "toml"] {
        for path in files(folder, extension)? {
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            found.push((name, std::fs::read_to_string(&path)?));
        }
    }
    Ok(found)
}

/// Every text in the language that the repository has, with its path: sources,
/// cases, and the blocks of code in the documentation.
///
/// # Errors
/// When one cannot be read.
pub fn texts() -> std::io::Result<Vec<(String, String)>> {
    let root = root();
    let mut found = Vec::new();
    for folder in ["examples", "stdlib/std", "tests/suite", "bench/programs", "compiler/src"] {
        for path in files(&root.join(folder), "tess")? {
            found.push((path.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    for path in files(&root.join("docs"), "md")? {
        let page = std::fs::read_to_string(&path)?;
        let blocks = crate::docs::blocks(&page).into_iter().filter(|b| b.language == "tess");
        found.extend(blocks.map(|b| (format!("{}:{}", path.display(), b.line), b.text)));
    }
    Ok(found)
}

/// A source of random numbers that is the same on every machine (SplitMix64),
/// so that a failure's seed is enough to see it again.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A source that depends only on the seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below the limit; zero for a limit of zero.
    pub const fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { (self.next() % limit as u64) as usize }
    }

    /// One of the items; `None` when there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

/// Pieces that are dear to a parser: brackets that do not match, quotes, ends
/// of comments, keywords in the wrong place, odd characters.
pub(crate) const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"\"\"",
    "${",
    "'",
    "`",
    "r\"",
    "b'",
    "/*",
    "*/",
    "//",
    "///",
    "\n",
    "\r\n",
    "\t",
    " ",
    ",",
    ":",
    "=",
    "=>",
    "->",
    "...",
    "?.",
    "??",
    "?",
    ".",
    "-",
    "+ ",
    "!",
    "&&",
    "||",
    "0x",
    "1e999",
    "9223372036854775808",
    "15m",
    "7d",
    "1Gi",
    "\\",
    "\\u{110000}",
    "\\uD800",
    "é",
    "\u{1F600}",
    "\u{FEFF}",
    "\u{2028}",
    "\0",
    "composite ",
    "resource ",
    "param ",
    "let ",
    "for ",
    "if ",
    "else ",
    "match ",
    "where ",
    "fn ",
    "type ",
    "module ",
    "use ",
    "raw ",
    "ready when ",
    "self",
    "it",
    "null",
    "Secret<",
    "String",
    "v1/ConfigMap",
];

/// The text with a few random changes: pieces cut, doubled, moved, replaced,
/// put in, or the end cut off. Always valid UTF-8.
#[must_use]
pub fn mutated(text: &str, others: &[String], random: &mut Random) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        change(&mut text, others, random);
    }
    text.into_iter().collect()
}

fn change(text: &mut Vec<char>, others: &[String], random: &mut Random) {
    let start = random.below(text.len() + 1);
    let end = (start + random.below(24)).min(text.len());
    let piece: Vec<char> = match random.below(6) {
        0 => Vec::new(),
        1 => text.get(start..end).unwrap_or_default().repeat(2),
        2 => {
            text.truncate(start);
            return;
        }
        3 => slice_of_another(others, random),
        4 => random.pick(PIECES).map_or_else(Vec::new, |p| p.repeat(1 + random.below(40)).chars().collect()),
        _ => random.pick(PIECES).map_or_else(Vec::new, |p| p.chars().collect()),
    };
    text.splice(start..end, piece);
}

fn slice_of_another(others: &[String], random: &mut Random) -> Vec<char> {
    let Some(other) = random.pick(others) else { return Vec::new() };
    let length = other.chars().count();
    let start = random.below(length);
    other.chars().skip(start).take(random.below(80)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_text_and_another_seed_another() {
        let others = vec!["type A = \"b\"".to_owned()];
        let text = "composite C: a.b/v1 { param p: Int }";
        let one = |seed| mutated(text, &others, &mut Random::new(seed));
        assert_eq!(one(7), one(7));
        assert!((0..20).map(one).collect::<std::collections::BTreeSet<_>>().len() > 15);
    }

    #[test]
    fn an_empty_text_can_be_changed() {
        for seed in 0..200 {
            let _ = mutated("", &[], &mut Random::new(seed));
        }
    }
}
