//! Paths as the compiler sees them: `/`-separated, joined and normalised as text.

/// The folder of a file; `""` for a file in the root.
#[must_use]
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `relative` as seen from `folder`, `.` and `..` resolved as far as they go.
#[must_use]
pub(crate) fn join(folder: &str, relative: &str) -> String {
    if relative.starts_with('/') || folder.is_empty() {
        return normalise(relative);
    }
    normalise(&format!("{folder}/{relative}"))
}

fn normalise(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_and_normalises() {
        assert_eq!(join("a/b", "./c.tess"), "a/b/c.tess");
        assert_eq!(join("a/b", "../c.tess"), "a/c.tess");
        assert_eq!(join("", "../c.tess"), "../c.tess");
        assert_eq!(join("a", "/x/../y"), "/y");
        assert_eq!(parent("a/b.tess"), "a");
        assert_eq!(parent("b.tess"), "");
    }
}
