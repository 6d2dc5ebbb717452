//! Tables of expressions, and a page as a session to play. Blocks of code are
//! found by `tessera_tests::docs`.

/// A row of a table `expression | value`.
pub(crate) struct Row {
    /// The expression.
    pub(crate) expression: String,
    /// Its value as JSON.
    pub(crate) value: String,
    /// The line, from 1.
    pub(crate) line: usize,
}

/// A page as a sequence of things to do; together they are the page.
pub(crate) enum Piece {
    /// What is only to be read, line ends included.
    Text(String),
    /// A file to write.
    File {
        /// Where, relative to the project.
        path: String,
        /// Its text.
        text: String,
        /// The block as it stands in the page.
        whole: String,
    },
    /// A command that the page does not show: `<!-- run: … -->`.
    Hidden {
        /// The command.
        command: String,
        /// The line as it stands in the page.
        whole: String,
    },
    /// Commands whose output is shown.
    Console(Vec<String>),
}

/// The rows of all tables `expression | value`.
pub(crate) fn expressions(page: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut inside = false;
    for (index, line) in page.lines().enumerate() {
        if line == "| expression | value |" {
            inside = true;
        } else if !line.starts_with('|') {
            inside = false;
        } else if inside && !line.starts_with("| ---") {
            let line = line.replace("\\|", "\u{0}");
            let cells: Vec<String> =
                line.split('|').map(|c| c.trim().trim_matches('`').replace('\u{0}', "|")).collect();
            rows.push(Row { expression: cells[1].clone(), value: cells[2].clone(), line: index + 1 });
        }
    }
    rows
}

/// The page as things to do.
pub(crate) fn pieces(page: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut lines = page.split_inclusive('\n');
    while let Some(line) = lines.next() {
        if let Some(command) = line.strip_prefix("<!-- run: ") {
            let command = command.trim_end().trim_end_matches("-->").trim().to_owned();
            pieces.push(Piece::Hidden { command, whole: line.to_owned() });
        } else if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```\n").collect();
            pieces.push(fenced(info.trim(), &body));
        } else {
            pieces.push(Piece::Text(line.to_owned()));
        }
    }
    pieces
}

fn fenced(info: &str, body: &[&str]) -> Piece {
    let whole = format!("```{info}\n{}```\n", body.concat());
    if info == "console" {
        let commands = body.iter().filter_map(|line| line.strip_prefix("$ "));
        return Piece::Console(commands.map(|command| command.trim_end().to_owned()).collect());
    }
    match info.split_once(' ') {
        Some((_, path)) => Piece::File { path: path.to_owned(), text: body.concat(), whole },
        None => Piece::Text(whole),
    }
}
