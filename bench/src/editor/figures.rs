//! Times and memory, and the table that shows them.

use std::time::Duration;

/// Times of one kind, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    p50: f64,
    p95: f64,
    max: f64,
    count: usize,
}

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1)));
        let milliseconds = |time: Option<&Duration>| time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
        let (p50, p95, max) = (milliseconds(at(50)), milliseconds(at(95)), milliseconds(times.last()));
        Self { p50, p95, max, count: times.len() }
    }

    fn text(self) -> String {
        let Self { p50, p95, max, count } = self;
        format!("p50 {p50:>7.1}  p95 {p95:>7.1}  max {max:>7.1} ms, {count} times")
    }
}

/// What came out for a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// From the start of the process to the first diagnostics.
    pub(crate) start: Option<Times>,
    pub(crate) completion: Times,
    pub(crate) hover: Times,
    pub(crate) edit: Times,
    /// How many completions and hovers had something to say.
    pub(crate) answered: (usize, usize),
    /// Resident, in MiB; not a number where the system does not tell.
    pub(crate) memory: f64,
    /// The most that it ever was.
    pub(crate) peak: f64,
    /// How many edits had been made before this, and how long they took.
    pub(crate) edits: Option<(usize, Duration)>,
}

impl Figures {
    /// Shows them as they come.
    pub(crate) fn print(&self, name: &str) {
        println!("  {name}");
        if let Some((_, took)) = self.edits {
            println!("    the edits            {:>11.1} s", took.as_secs_f64());
        }
        if let Some(start) = self.start {
            println!("    start to diagnostics {}", start.text());
        }
        let (completions, hovers) = self.answered;
        println!("    completion           {}, {completions} with items", self.completion.text());
        println!("    hover                {}, {hovers} with text", self.hover.text());
        println!("    edit to diagnostics  {}", self.edit.text());
        println!("    memory               {:>11.1} MiB, at most {:.1} MiB", self.memory, self.peak);
    }
}

/// A column of the table. The goals are for some of them.
pub(crate) struct Column {
    pub(crate) title: String,
    pub(crate) goals: bool,
    pub(crate) figures: Figures,
}

/// A row: what is measured, what must not be more than so much, in which unit, and how a column shows it.
struct Row {
    title: &'static str,
    goal: f64,
    unit: &'static str,
    /// The figure that the goal is for, and what is shown.
    of: fn(&Figures) -> Option<(f64, String)>,
}

fn times(times: Times) -> (f64, String) {
    (times.p95, format!("{:.1} / {:.1}", times.p50, times.p95))
}

const ROWS: [Row; 5] = [
    Row {
        title: "start to first diagnostics",
        goal: 500.0,
        unit: "ms",
        of: |figures| figures.start.map(|start| (start.p50, format!("{:.0} / {:.0}", start.p50, start.p95))),
    },
    Row { title: "completion", goal: 10.0, unit: "ms", of: |figures| Some(times(figures.completion)) },
    Row { title: "hover", goal: 10.0, unit: "ms", of: |figures| Some(times(figures.hover)) },
    Row { title: "edit to diagnostics", goal: 50.0, unit: "ms", of: |figures| Some(times(figures.edit)) },
    Row {
        title: "memory now / at most",
        goal: 200.0,
        unit: "MiB",
        of: |figures| Some((figures.memory, format!("{:.0} / {:.0}", figures.memory, figures.peak))),
    },
];

/// The figures as a table in Markdown: p50 / p95, and what misses its goal.
pub(crate) fn table(columns: &[Column]) -> String {
    let titles: String = columns.iter().map(|column| format!(" {} |", column.title)).collect();
    let mut text = format!("| p50 / p95 | goal |{titles}\n| --- | --- |{}\n", " --- |".repeat(columns.len()));
    for Row { title, goal, unit, of } in &ROWS {
        let cell = |column: &Column| match of(&column.figures) {
            Some((reached, shown)) if column.goals && reached > *goal => format!(" {shown} {unit}, missed |"),
            Some((_, shown)) => format!(" {shown} {unit} |"),
            None => " |".to_owned(),
        };
        let cells: String = columns.iter().map(cell).collect();
        text.push_str(&format!("| {title} | {goal} {unit} |{cells}\n"));
    }
    text
}
