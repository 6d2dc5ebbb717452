//! "Did you mean": the closest of the names that would have been right.

/// The name closest to what was written, when one is close enough to be a
/// slip: at most a third of its letters differ, transpositions counting once,
/// or the two differ only in case, hyphens and underscores.
pub(crate) fn closest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).max(1);
    known
        .filter(|name| *name != written)
        .map(|name| (distance(written, name), name))
        .filter(|(distance, name)| *distance <= limit && *distance < name.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn distance(a: &str, b: &str) -> usize {
    let plain =
        |s: &str| s.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect::<String>();
    if plain(a) == plain(b) { 0 } else { strsim::osa_distance(a, b) }
}

/// Up to a dozen names in backticks for a sentence, and how many more there are.
pub(crate) fn listing<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.collect();
    let shown: Vec<String> = all.iter().take(12).map(|n| format!("`{n}`")).collect();
    let more = all.len().saturating_sub(12);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_nothing_else() {
        let known = ["replicas", "selector", "strategy", "serviceName"];
        assert_eq!(closest("replica", known.iter().copied()), Some("replicas"));
        assert_eq!(closest("service-name", known.iter().copied()), Some("serviceName"));
        assert_eq!(closest("zone", known.iter().copied()), None);
    }
}
