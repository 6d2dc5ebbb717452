//! Which part of the prelude a program needs. Parsing costs more than a look
//! at the text, so declarations that nothing mentions are blanked before: every
//! place in the file stays where it is.

/// The prelude with all declarations blanked that neither the texts nor the
/// declarations that they need mention; `None` where nothing of it is needed.
pub(super) fn needed(prelude: &str, texts: &[&str]) -> Option<String> {
    let chunks = chunks(prelude);
    let mut kept = vec![false; chunks.len()];
    let mut open: Vec<&str> = texts.to_vec();
    while let Some(text) = open.pop() {
        for word in names(text) {
            let Some(index) = chunks.iter().position(|(name, _)| *name == word) else { continue };
            if let (Some(kept @ false), Some((_, body))) = (kept.get_mut(index), chunks.get(index)) {
                *kept = true;
                open.push(body);
            }
        }
    }
    if !kept.contains(&true) {
        return None;
    }
    let head = chunks.first().map_or(prelude.len(), |(_, body)| body.as_ptr() as usize - prelude.as_ptr() as usize);
    let mut out = prelude.get(..head).unwrap_or("").to_owned();
    for ((_, body), kept) in chunks.iter().zip(kept) {
        if kept { out.push_str(body) } else { out.extend(body.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' })) }
    }
    Some(out)
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
        let prelude = "module m\n\n/// One.\ntype A = String\n  where it > B\n\ntype B = Int\n\n/// Ä.\ntype C = Int\n";
        let all = needed(prelude, &["param x: A, y: C"]);
        assert_eq!(all.as_deref(), Some(prelude));
        let some = needed(prelude, &["param x: A"]).unwrap();
        assert_eq!(some.len(), prelude.len());
        assert!(some.contains("type A") && some.contains("type B") && !some.contains("type C"));
        assert_eq!(some.find("type B"), prelude.find("type B"));
        assert_eq!(needed(prelude, &["xA: 80, A-x: a, A_"]), None);
    }
}
