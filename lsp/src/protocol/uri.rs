//! URIs and the paths that the server knows documents by.

use std::path::{Path, PathBuf};

use tower_lsp::ls_types::Uri;

use crate::host::normal;

/// The path of a document. One that is no file, such as `untitled:Untitled-1`, gets a path
/// of its own that no disk has, in a folder of its own.
pub(crate) fn path_of(uri: &Uri, language: Option<&str>) -> PathBuf {
    if let Some(path) = uri.to_file_path().filter(|path| is_file(uri) && path.is_absolute()) {
        return normal(&path);
    }
    let name: String = uri
        .as_str()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' })
        .collect();
    let ending = if language == Some("yaml") { "yaml" } else { "tess" };
    // No file's name has a zero byte.
    Path::new("/\0").join(uri.as_str().replace('/', "\0")).join(format!("{name}.{ending}"))
}

/// The scheme of what is in no file: the sources of the standard library.
pub(crate) const STANDARD: &str = "tessera-std:/";

/// Whether a document's path is that of a source of the standard library, which is compiled with all others.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.strip_prefix("/\0").is_ok_and(|rest| rest.to_string_lossy().starts_with(STANDARD.trim_end_matches('/')))
}

/// Whether a URI is one of a file.
pub(crate) fn is_file(uri: &Uri) -> bool {
    uri.scheme().as_str().eq_ignore_ascii_case("file")
}

/// The URI of a file; nothing for what is no file.
pub(crate) fn uri_of(path: &Path) -> Option<Uri> {
    if path.to_string_lossy().contains('\0') {
        return None;
    }
    Uri::from_file_path(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_of_one_file_have_one_path() {
        let path = |uri: &str| path_of(&uri.parse().unwrap(), None);
        assert_eq!(path("file:///a%20b/c.tess"), Path::new("/a b/c.tess"));
        assert_eq!(path("file:///a/%63.tess"), path("file:///a/./b/../c.tess"));
        assert_ne!(path("untitled:Untitled-1"), path("untitled:Untitled-2"));
        assert!(path("untitled:Untitled-1").to_string_lossy().ends_with(".tess"));
        assert_eq!(uri_of(&path("untitled:Untitled-1")), None);
        assert_eq!(uri_of(Path::new("/a b/ä.tess")).unwrap().as_str(), "file:///a%20b/%C3%A4.tess");
    }
}
