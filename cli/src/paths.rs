//! Paths as text: made absolute, relative and normal without asking the disk.

use std::path::{Path, PathBuf};

/// The path from the root, `.` and `..` resolved as text.
pub(crate) fn absolute(current: &Path, path: &Path) -> PathBuf {
    tessera_lsp::normal(&current.join(path))
}

/// An absolute path as seen from an absolute folder, `/`-separated; empty for
/// the folder itself.
pub(crate) fn relative(folder: &Path, path: &Path) -> String {
    let (from, to): (Vec<_>, Vec<_>) = (folder.components().collect(), path.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    let down = to.iter().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// The ending of a file's name, in lower case, without the dot.
pub(crate) fn extension(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Whether the name is one of a YAML file.
pub(crate) fn is_yaml(path: &Path) -> bool {
    matches!(extension(path).as_str(), "yaml" | "yml" | "json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_have_no_dots() {
        let current = Path::new("/a/b");
        assert_eq!(absolute(current, Path::new("./c/../d")), Path::new("/a/b/d"));
        assert_eq!(absolute(current, Path::new("../../../x")), Path::new("/x"));
        assert_eq!(absolute(current, Path::new("/y/.")), Path::new("/y"));
    }

    #[test]
    fn relative_paths_are_the_shortest() {
        assert_eq!(relative(Path::new("/a/b"), Path::new("/a/b/c/d.tess")), "c/d.tess");
        assert_eq!(relative(Path::new("/a/b"), Path::new("/a/c.tess")), "../c.tess");
        assert_eq!(relative(Path::new("/a/b"), Path::new("/a/b")), "");
    }
}
