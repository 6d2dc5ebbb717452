//! Which part of the prelude a program needs. Parsing costs more than a look
//! at the text, so declarations that nothing mentions are blanked before: every
//! place in the file stays where it is.

/// Whether a text has a name of the prelude as a word of its own.
pub(super) fn is_mentioned(text: &str) -> bool {
    tessera_stdlib::prelude_names().iter().any(|name| mentions(text, name))
}

/// The prelude with all declarations blanked that neither the texts nor the
/// declarations that they need mention.
pub(super) fn needed(prelude: &str, texts: &[&str]) -> String {
    let chunks = chunks(prelude);
    let mut kept: Vec<bool> = chunks.iter().map(|(name, _)| texts.iter().any(|text| mentions(text, name))).collect();
    loop {
        let more = chunks.iter().zip(&kept).position(|((name, _), known)| {
            let wanted = |((_, body), kept): (&(&str, &str), &bool)| *kept && mentions(body, name);
            !known && chunks.iter().zip(&kept).any(wanted)
        });
        match more.and_then(|index| kept.get_mut(index)) {
            Some(known) => *known = true,
            None => break,
        }
    }
    let head = chunks.first().map_or(prelude.len(), |(_, body)| body.as_ptr() as usize - prelude.as_ptr() as usize);
    let mut out = prelude.get(..head).unwrap_or("").to_owned();
    for ((_, body), kept) in chunks.iter().zip(kept) {
        if kept { out.push_str(body) } else { out.extend(body.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' })) }
    }
    out
}

/// The declarations of the prelude, each with its documentation: name and text.
fn chunks(prelude: &str) -> Vec<(&str, &str)> {
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
    starts.iter().zip(ends).filter_map(|((name, start), end)| Some((*name, prelude.get(*start..end)?))).collect()
}

fn mentions(text: &str, name: &str) -> bool {
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let bytes = text.as_bytes();
    text.match_indices(name)
        .any(|(at, _)| !word(at.checked_sub(1).and_then(|i| bytes.get(i))) && !word(bytes.get(at + name.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_is_left_at_its_place() {
        let prelude = "module m\n\n/// One.\ntype A = String\n  where it > B\n\ntype B = Int\n\n/// Ä.\ntype C = Int\n";
        let all = needed(prelude, &["param x: A, y: C"]);
        assert_eq!(all, prelude);
        let some = needed(prelude, &["param x: A"]);
        assert_eq!(some.len(), prelude.len());
        assert!(some.contains("type A") && some.contains("type B") && !some.contains("type C"));
        assert_eq!(some.find("type B"), prelude.find("type B"));
        assert!(!is_mentioned("containerPort: 80") && is_mentioned("port: Port"));
    }
}
