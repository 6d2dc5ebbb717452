//! A picture as SVG: layers from top to bottom, each box below what it
//! depends on, arrows pointing up to it. Within a layer boxes stand near what
//! they are connected with, so that few lines cross.

use std::fmt::Write as _;

use super::layers;
use super::picture::{Arrow, Picture};

/// The width of a character of the text, in pixels, on the safe side.
const CHARACTER: usize = 8;
const LINE: usize = 18;
const PADDING: usize = 12;
const GAP: usize = 36;
/// Between layers there is room for the labels of the arrows.
const LAYER_GAP: usize = 90;
const MARGIN: usize = 24;
const TITLE: usize = 40;
/// A row with more boxes goes on in the next one.
const MAX_ROW: usize = 6;
/// How often the order within the layers is improved.
const SWEEPS: usize = 6;

struct Placed {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    lines: Vec<String>,
}

impl Picture {
    /// As a whole SVG document.
    #[must_use]
    pub fn svg(&self) -> String {
        let rows = self.rows();
        let placed = self.place(&rows);
        let right = placed
            .iter()
            .map(|p| p.x + p.width)
            .max()
            .unwrap_or(0)
            .max(self.title.chars().count() * CHARACTER + MARGIN)
            + MARGIN;
        let bottom = placed.iter().map(|p| p.y + p.height).max().unwrap_or(TITLE) + MARGIN;
        let mut out = head(right, bottom, &self.title);
        for arrow in &self.arrows {
            draw_arrow(arrow, &placed, &mut out);
        }
        placed.iter().for_each(|one| draw_box(one, &mut out));
        out + "</svg>\n"
    }

    /// The boxes of each row, in order.
    fn rows(&self) -> Vec<Vec<usize>> {
        let all: Vec<(usize, usize)> = self.arrows.iter().map(|a| (a.from, a.to)).collect();
        let layer = layers(self.boxes.len(), &all);
        let deepest = layer.iter().copied().max().unwrap_or(0);
        let of = |wanted: usize| (0..self.boxes.len()).filter(|i| layer.get(*i) == Some(&wanted)).collect::<Vec<_>>();
        let mut rows: Vec<Vec<usize>> = (0..=deepest).map(of).collect();
        for sweep in 0..SWEEPS {
            let order: Vec<usize> =
                if sweep % 2 == 0 { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
            for row in order {
                self.sort_row(&mut rows, row);
            }
        }
        rows.iter().flat_map(|row| row.chunks(MAX_ROW)).map(<[usize]>::to_vec).collect()
    }

    /// Sorts a row by the mean place of what its boxes are connected with.
    fn sort_row(&self, rows: &mut [Vec<usize>], row: usize) {
        let place = |index: usize| {
            rows.iter().find_map(|r| r.iter().position(|i| *i == index).map(|p| p * 1000 / r.len().max(1)))
        };
        let mean = |index: usize| {
            let ends = self.arrows.iter().filter_map(|a| {
                if a.from == index {
                    Some(a.to)
                } else if a.to == index {
                    Some(a.from)
                } else {
                    None
                }
            });
            let places: Vec<usize> = ends.filter_map(place).collect();
            if places.is_empty() { place(index).unwrap_or(0) } else { places.iter().sum::<usize>() / places.len() }
        };
        let Some(current) = rows.get(row) else { return };
        let mut keyed: Vec<(usize, usize)> = current.iter().map(|index| (mean(*index), *index)).collect();
        keyed.sort_by_key(|(mean, _)| *mean);
        if let Some(current) = rows.get_mut(row) {
            *current = keyed.into_iter().map(|(_, index)| index).collect();
        }
    }

    fn place(&self, rows: &[Vec<usize>]) -> Vec<Placed> {
        let lines: Vec<Vec<String>> = self.boxes.iter().map(super::Box::lines).collect();
        let width = |i: &usize| {
            lines
                .get(*i)
                .map_or(0, |l| l.iter().map(|l| l.chars().count()).max().unwrap_or(0) * CHARACTER + 2 * PADDING)
        };
        let row_width = |row: &Vec<usize>| row.iter().map(width).sum::<usize>() + GAP * row.len().saturating_sub(1);
        let widest = rows.iter().map(row_width).max().unwrap_or(0);
        let mut placed: Vec<(usize, Placed)> = Vec::new();
        let mut y = MARGIN + TITLE;
        for row in rows {
            let mut x = MARGIN + (widest - row_width(row)) / 2;
            let height = row.iter().filter_map(|i| lines.get(*i)).map(Vec::len).max().unwrap_or(0) * LINE + 2 * PADDING;
            for index in row {
                placed.push((
                    *index,
                    Placed { x, y, width: width(index), height, lines: lines.get(*index).cloned().unwrap_or_default() },
                ));
                x += width(index) + GAP;
            }
            y += height + LAYER_GAP;
        }
        placed.sort_by_key(|(index, _)| *index);
        placed.into_iter().map(|(_, placed)| placed).collect()
    }
}

fn head(width: usize, height: usize, title: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, monospace\" font-size=\"13\">\n\
         <title>{title}</title>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto-start-reverse\">\
         <path d=\"M0 0L8 4L0 8z\" fill=\"#57606a\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{MARGIN}\" y=\"{}\" font-size=\"15\" font-weight=\"bold\" fill=\"#1f2328\">{title}</text>\n",
        MARGIN + 8,
        title = escaped(title),
    )
}

fn draw_box(one: &Placed, out: &mut String) {
    let Placed { x, y, width, height, lines } = one;
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"#f6f8fa\" stroke=\"#57606a\"/>"
    );
    for (index, line) in lines.iter().enumerate() {
        let style = if index == 1 { " font-weight=\"bold\" fill=\"#1f2328\"" } else { " fill=\"#57606a\"" };
        let (x, y) = (x + width / 2, y + PADDING + index * LINE + 13);
        let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\"{style}>{}</text>", escaped(line));
    }
}

/// A curve from the top of the one that reads to the bottom of the one read;
/// between boxes of one row, round the top.
fn draw_arrow(arrow: &Arrow, placed: &[Placed], out: &mut String) {
    let (Some(from), Some(to)) = (placed.get(arrow.from), placed.get(arrow.to)) else { return };
    let (x1, y1) = (from.x + from.width / 2, from.y);
    let (x2, y2) = (to.x + to.width / 2, if to.y < from.y { to.y + to.height } else { to.y });
    let middle = if to.y < from.y { usize::midpoint(y1, y2) } else { y1.min(y2).saturating_sub(LAYER_GAP / 2) };
    let dash = if arrow.waits { "" } else { " stroke-dasharray=\"5 4\"" };
    let _ = writeln!(
        out,
        "<path d=\"M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}\" fill=\"none\" stroke=\"#57606a\"{dash} marker-end=\"url(#tip)\"/>"
    );
    if !arrow.label.is_empty() {
        let (x, y) = (x1 + (x2.max(x1) - x1) / 4 - (x1 - x2.min(x1)) / 4, y1.saturating_sub(18));
        let label = escaped(&short(&arrow.label));
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" font-size=\"11\" fill=\"#1f2328\" stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\">{label}</text>"
        );
    }
}

fn short(label: &str) -> String {
    if label.chars().count() <= 40 { label.to_owned() } else { label.chars().take(39).chain(['…']).collect() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
