//! Times and memory, and how they are shown.

use std::time::Duration;

/// Times of one kind, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) max: f64,
}

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1)));
        let milliseconds = |time: Option<&Duration>| time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
        Self { p50: milliseconds(at(50)), p95: milliseconds(at(95)), max: milliseconds(times.last()) }
    }

    fn text(self) -> String {
        format!("p50 {:>7.1}  p95 {:>7.1}  max {:>7.1} ms", self.p50, self.p95, self.max)
    }
}

/// What came out for a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// From the start of the process to the first diagnostics, in milliseconds.
    pub(crate) start: f64,
    pub(crate) completion: Times,
    pub(crate) hover: Times,
    pub(crate) edit: Times,
    /// Resident, in MiB; not a number where the system does not tell.
    pub(crate) memory: f64,
    /// The most that it ever was.
    pub(crate) peak: f64,
    /// The same once more, after many edits.
    pub(crate) later: Option<Box<Figures>>,
}

impl Figures {
    pub(crate) fn print(&self, name: &str) {
        let Self { start, completion, hover, edit, memory, peak, later } = self;
        println!("  {name}");
        if *start > 0.0 {
            println!("    start to first diagnostics  {start:>11.1} ms");
        }
        println!("    completion           {}", completion.text());
        println!("    hover                {}", hover.text());
        println!("    edit to diagnostics  {}", edit.text());
        println!("    memory               {memory:>11.1} MiB, at most {peak:.1} MiB");
        if let Some(later) = later {
            later.print("after 10,000 edits");
        }
    }
}
