//! Valid objects, written by hand, and the variations that their marks allow.
//! `tests/oracle/README.md` describes the marks.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json};

use crate::corpus::{Random, files};

/// A valid object with its marks.
#[derive(Clone, Debug)]
pub struct Base(Json);

/// The objects in a folder's files, sorted by file.
///
/// # Errors
/// Which file cannot be read, and why.
pub fn load(folder: &Path) -> Result<Vec<Base>, String> {
    let paths = files(folder, "yaml").map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut bases = Vec::new();
    for path in paths.iter().filter(|path| path.parent() == Some(folder)) {
        bases.extend(documents(path)?.into_iter().map(Base));
    }
    Ok(bases)
}

/// The documents of one file.
///
/// # Errors
/// That it cannot be read, and why.
pub fn documents(path: &Path) -> Result<Vec<Json>, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_yaml::from_multiple(&text).map_err(|e| format!("{}: {e}", path.display()))
}

impl Base {
    /// The whole object, with the first of each choice.
    #[must_use]
    pub fn whole(&self) -> Json {
        resolve(&self.0, &mut None)
    }

    /// A variation: some parts left out, each choice made.
    #[must_use]
    pub fn varied(&self, random: &mut Random) -> Json {
        // Some are nearly whole, some nearly bare.
        let kept = random.pick(&[95, 85, 60, 30]).copied().unwrap_or(60);
        resolve(&self.0, &mut Some((random, kept)))
    }
}

fn resolve(marked: &Json, choice: &mut Option<(&mut Random, usize)>) -> Json {
    match marked {
        Json::Object(entries) => {
            let mut kept = Map::new();
            for (key, value) in entries {
                let optional = key.ends_with('?');
                let left_out = choice.as_mut().is_some_and(|(random, percent)| random.below(100) >= *percent);
                if optional && left_out {
                    continue;
                }
                let key = text(key.trim_end_matches('?'), choice);
                kept.insert(key.as_str().map_or_else(|| key.to_string(), str::to_owned), resolve(value, choice));
            }
            Json::Object(kept)
        }
        Json::Array(items) => Json::Array(items.iter().map(|item| resolve(item, choice)).collect()),
        Json::String(marked) => text(marked, choice),
        other => other.clone(),
    }
}

/// What a text with its marks stands for.
fn text(marked: &str, choice: &mut Option<(&mut Random, usize)>) -> Json {
    let Some(choices) = marked.strip_prefix('~') else { return marked.into() };
    let mut below = |limit: usize| choice.as_mut().map_or(0, |(random, _)| random.below(limit));
    let range = choices.split_once("..").and_then(|(a, b)| Some((a.parse::<i64>().ok()?, b.parse::<i64>().ok()?)));
    if let Some((first, last)) = range {
        return (first + below((last - first + 1).unsigned_abs() as usize) as i64).into();
    }
    let choices: Vec<&str> = choices.split('|').collect();
    let chosen = choices.get(below(choices.len())).copied().unwrap_or_default();
    chosen.parse::<i64>().map_or_else(|_| chosen.into(), Json::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marks_become_variations() {
        let base = Base(json!({ "a?": 1, "~b|c": "~1..3", "d": ["~x|y"] }));
        assert_eq!(base.whole(), json!({ "a": 1, "b": 1, "d": ["x"] }));
        let all: std::collections::BTreeSet<String> =
            (0..400).map(|seed| base.varied(&mut Random::new(seed)).to_string()).collect();
        assert_eq!(all.len(), 2 * 2 * 3 * 2);
    }
}
