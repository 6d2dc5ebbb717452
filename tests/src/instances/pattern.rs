//! Text that a regular expression matches, made from the expression.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::corpus::Random;

/// How often something without a limit is repeated beyond its least.
const MORE: usize = 4;
/// So many repetitions at most, whatever is demanded.
const MOST: usize = 4096;

/// A text that the pattern matches; `None` where it is none that we know.
pub(super) fn text(pattern: &str, random: &mut Random) -> Option<String> {
    let mut out = String::new();
    write(&regex_syntax::parse(pattern).ok()?, random, &mut out);
    Some(out)
}

fn write(hir: &Hir, random: &mut Random, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.extend(character(class, random)),
        HirKind::Repetition(repetition) => {
            let least = usize::try_from(repetition.min).unwrap_or(MOST);
            // Mostly few, now and then as many as there may be.
            let limit = repetition.max.and_then(|max| usize::try_from(max).ok());
            let more = if random.below(20) == 0 { limit.map_or(MORE * 8, |l| l - least) } else { MORE };
            let more = random.below(more.min(limit.map_or(more, |l| l - least)) + 1);
            for _ in 0..(least + more).min(MOST) {
                write(&repetition.sub, random, out);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, random, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, random, out)),
        HirKind::Alternation(ways) => {
            if let Some(way) = random.pick(ways) {
                write(way, random, out);
            }
        }
    }
}

/// A character of a class: one that can be typed, where there is such a one.
fn character(class: &Class, random: &mut Random) -> Option<char> {
    let within = |c: char| match class {
        Class::Unicode(class) => class.iter().any(|range| range.start() <= c && c <= range.end()),
        Class::Bytes(class) => {
            u8::try_from(c).is_ok_and(|c| class.iter().any(|range| range.start() <= c && c <= range.end()))
        }
    };
    let typed: Vec<char> = (' '..='~').chain(['é', '本']).filter(|c| within(*c)).collect();
    random.pick(&typed).copied().or_else(|| match class {
        Class::Unicode(class) => class.iter().next().map(regex_syntax::hir::ClassUnicodeRange::start),
        Class::Bytes(class) => class.iter().next().map(|range| char::from(range.start())),
    })
}
