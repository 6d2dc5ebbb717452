//! The blocks of code in Markdown files, so that documentation is compiled.

/// A block of code between fences.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// The language behind the opening fence.
    pub language: String,
    /// The path behind the language, where several blocks make one project.
    pub path: Option<String>,
    /// The code.
    pub text: String,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// The line of the opening fence, from 1.
    pub line: usize,
}

/// A project that the documentation shows: its files with their paths, and the
/// line on which the first begins.
#[derive(Debug, PartialEq, Eq)]
pub struct Project {
    /// Path and text of each file.
    pub files: Vec<(String, String)>,
    /// The headings above the first of its blocks.
    pub headings: Vec<String>,
    /// The line of the first opening fence, from 1.
    pub line: usize,
}

/// The blocks of a Markdown text.
#[must_use]
pub fn blocks(markdown: &str) -> Vec<Block> {
    let (mut found, mut headings): (Vec<Block>, Vec<(usize, String)>) = (Vec::new(), Vec::new());
    let mut open: Option<(usize, Block)> = None;
    for (index, line) in markdown.lines().enumerate() {
        let fence = line.chars().take_while(|c| *c == '`').count();
        match open.take() {
            Some((length, block)) if fence >= length && line.trim_end().len() == fence => found.push(block),
            Some((length, mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some((length, block));
            }
            None if fence >= 3 => open = Some((fence, block(&line[fence..], &headings, index + 1))),
            None => heading(line, &mut headings),
        }
    }
    found
}

fn block(info: &str, headings: &[(usize, String)], line: usize) -> Block {
    let mut words = info.split_whitespace().map(str::to_owned);
    Block {
        language: words.next().unwrap_or_default(),
        path: words.next(),
        text: String::new(),
        headings: headings.iter().map(|(_, h)| h.clone()).collect(),
        line,
    }
}

fn heading(line: &str, headings: &mut Vec<(usize, String)>) {
    let depth = line.chars().take_while(|c| *c == '#').count();
    if depth > 0 && line[depth..].starts_with(' ') {
        headings.retain(|(d, _)| *d < depth);
        headings.push((depth, line[depth..].trim().to_owned()));
    }
}

/// The projects of a Markdown text. A `tess` block without a path is one of
/// its own; the blocks with a path, of any language, that stand under the same
/// headings make one together, and a path that comes again begins the next.
#[must_use]
pub fn projects(markdown: &str) -> Vec<Project> {
    let mut found: Vec<Project> = Vec::new();
    let mut shared: Option<usize> = None;
    for block in blocks(markdown) {
        let Block { language, path, text, headings, line } = block;
        match path {
            None if language == "tess" => {
                found.push(Project { files: vec![("main.tess".to_owned(), text)], headings, line })
            }
            None => {}
            Some(path) => {
                let joins =
                    |p: &&mut Project| p.headings == headings && p.files.iter().all(|(other, _)| *other != path);
                if let Some(project) = shared.and_then(|i| found.get_mut(i)).filter(joins) {
                    project.files.push((path, text));
                } else {
                    shared = Some(found.len());
                    found.push(Project { files: vec![(path, text)], headings, line });
                }
            }
        }
    }
    found
}

/// The project under the heading of this name: all its blocks, or `None` when
/// it shows only commands. A block without a path has the usual one of its
/// language.
#[must_use]
pub fn section(markdown: &str, heading: &str) -> Option<Project> {
    let mut project: Option<Project> = None;
    for block in blocks(markdown) {
        if block.headings.last().is_none_or(|h| h != heading) {
            continue;
        }
        let usual = match block.language.as_str() {
            "tess" => "main.tess",
            "yaml" => "main.yaml",
            "toml" => "tessera.toml",
            _ => continue,
        };
        let path = block.path.unwrap_or_else(|| usual.to_owned());
        let (headings, line) = (block.headings, block.line);
        let project = project.get_or_insert_with(|| Project { files: Vec::new(), headings, line });
        project.files.push((path, block.text));
    }
    project
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# E0302: unknown field\n\n## Wrong\n\n```tess\ntype A = Int\n```\n\n## Right\n\n```tess a.tess\nx\n```\n\
                        ````yaml b.yaml\n```\ny\n````\n\n```sh\nls\n```\n\n```tess a.tess\nz\n```\n";

    #[test]
    fn blocks_know_their_headings_and_longer_fences_hold_shorter_ones() {
        let found = blocks(PAGE);
        assert_eq!(found.len(), 5);
        assert_eq!(found[0].headings, ["E0302: unknown field", "Wrong"]);
        assert_eq!((found[0].text.as_str(), found[0].line), ("type A = Int\n", 5));
        assert_eq!((found[2].text.as_str(), found[2].path.as_deref()), ("```\ny\n", Some("b.yaml")));
    }

    #[test]
    fn blocks_with_a_path_join_until_a_path_comes_again() {
        let found = projects(PAGE);
        let files: Vec<Vec<&str>> =
            found.iter().map(|p| p.files.iter().map(|(path, _)| path.as_str()).collect()).collect();
        assert_eq!(files, [vec!["main.tess"], vec!["a.tess", "b.yaml"], vec!["a.tess"]]);
        assert_eq!(found[1].headings[1], "Right");
    }

    #[test]
    fn a_section_is_one_project_unless_it_shows_only_commands() {
        let page = "## Wrong\n```tess\na\n```\n```yaml\nb\n```\n## Right\n```console\n$ c\n```\n";
        let wrong = section(page, "Wrong").unwrap();
        let expected = [("main.tess".to_owned(), "a\n".to_owned()), ("main.yaml".to_owned(), "b\n".to_owned())];
        assert_eq!(wrong.files, expected);
        assert_eq!(section(page, "Right"), None);
    }

    #[test]
    fn a_block_that_is_not_closed_is_none() {
        assert_eq!(blocks("```tess\nx\n"), []);
    }
}
