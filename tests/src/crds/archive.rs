//! The files of a `.tar.gz`, as far as simple archives go.

use std::path::Path;

/// The size of a block.
const BLOCK: usize = 512;

/// The names and texts of the YAML files in an archive, by name.
///
/// # Errors
/// What is wrong with the archive.
pub fn files(archive: &Path) -> Result<Vec<(String, String)>, String> {
    let bytes = std::fs::read(archive).map_err(|error| format!("{}: {error}", archive.display()))?;
    let tar = unzip(&bytes).ok_or("this is no gzip file")?;
    let (mut found, mut rest, mut long) = (Vec::new(), tar.as_slice(), None);
    while let Some((header, after)) = rest.split_at_checked(BLOCK) {
        let Some(size) = size(header) else { break };
        let name = long.take().unwrap_or_else(|| text(header.get(..100).unwrap_or_default()));
        let (content, after) = after.split_at_checked(size).ok_or("the archive ends early")?;
        rest = after.get((BLOCK - size % BLOCK) % BLOCK..).unwrap_or_default();
        if header.get(156) == Some(&b'x') {
            // A name of more than 100 bytes comes before its file, as `38 path=…`.
            let records = text(content);
            long = records.lines().find_map(|record| Some(record.split_once(" path=")?.1.to_owned()));
        } else if name.ends_with(".yaml") {
            found.push((name, String::from_utf8(content.to_vec()).map_err(|error| error.to_string())?));
        }
    }
    found.sort();
    Ok(found)
}

/// What a gzip file without optional fields holds; the name may be there.
fn unzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let flags = *bytes.get(3).filter(|_| bytes.starts_with(&[0x1f, 0x8b, 8]))?;
    let mut body = bytes.get(10..)?;
    if flags & 8 != 0 {
        body = body.get(body.iter().position(|byte| *byte == 0)? + 1..)?;
    }
    miniz_oxide::inflate::decompress_to_vec(body).ok()
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// The size of a file, in octal; `None` at the end of the archive.
fn size(header: &[u8]) -> Option<usize> {
    let digits = text(header.get(124..136)?);
    usize::from_str_radix(digits.trim(), 8).ok()
}
