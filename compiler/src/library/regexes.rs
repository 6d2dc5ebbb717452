//! Regular expressions: CEL's `matches`, Kubernetes' `find` and `findAll`.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use regex::Regex;

use crate::diagnostic::codes::E0501;
use crate::eval::{Context, Fault};
use crate::value::{Text, Value};

use super::Sig::{Bool, Int, List, String};
use super::arguments::{Outcome, no_overload, quoted, scan};
use super::pattern::compile;
use super::signature::{method, plain};
use super::{Function, Since};

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 8 * 1024;
/// How many compiled patterns a thread keeps.
const MAX_CACHED: usize = 64;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "find",
        overloads: &[method(&[String, String], String)],
        eval: find,
        since: Since::Always,
        doc: "The first part of the string that the regular expression (RE2) matches, empty where none does.",
    },
    Function {
        name: "findAll",
        overloads: &[method(&[String, String], List(&String)), method(&[String, String, Int], List(&String))],
        eval: find_all,
        since: Since::Always,
        doc: "The parts of the string that the regular expression (RE2) matches, at most as many as the limit says.",
    },
    Function {
        name: "matches",
        overloads: &[method(&[String, String], Bool), plain(&[String, String], Bool)],
        eval: matches,
        since: Since::Always,
        doc: "Whether the regular expression (RE2) matches some part of the string; `^` and `$` make it the whole.",
    },
];

fn matches(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(text), Value::String(pattern)] = args else { return Err(no_overload("matches", args)) };
    scan(ctx, text)?;
    Ok(Value::Bool(compiled(ctx, pattern)?.is_match(text)))
}

fn find(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(text), Value::String(pattern)] = args else { return Err(no_overload("find", args)) };
    scan(ctx, text)?;
    let regex = compiled(ctx, pattern)?;
    let found = regex.find(text).map_or("", |found| found.as_str());
    super::arguments::text(ctx, found)
}

fn find_all(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (text, pattern, limit) = match args {
        [Value::String(text), Value::String(pattern)] => (text, pattern, -1),
        [Value::String(text), Value::String(pattern), Value::Int(limit)] => (text, pattern, *limit),
        _ => return Err(no_overload("findAll", args)),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let regex = compiled(ctx, pattern)?;
    let mut found = Vec::new();
    for part in regex.find_iter(text).take(limit) {
        // Each search may look at the whole rest again.
        ctx.charge((text.len() - part.start()) as u64 / 1024 + 1)?;
        found.push(Value::str(part.as_str()));
    }
    super::arguments::list(ctx, found)
}

/// A compiled pattern, or why it is none.
/// Behind a pointer of its own: cloning a `Regex` gives it new caches, which
/// cost more than most matches.
type Compiled = Result<Rc<Regex>, std::string::String>;

thread_local! {
    /// Compiled patterns by their text. A pure memo: it changes no result.
    static COMPILED: RefCell<IndexMap<Text, Compiled>> = RefCell::new(IndexMap::new());
}

/// The compiled pattern. It is paid for only when it is compiled.
fn compiled(ctx: &mut Context<'_>, pattern: &Text) -> Result<Rc<Regex>, Fault> {
    let known = COMPILED.with_borrow(|known| known.get(pattern).cloned());
    let regex = match known {
        Some(regex) => regex,
        None => {
            ctx.charge(1000 + pattern.len() as u64 * 100)?;
            remember(pattern)
        }
    };
    regex.map_err(|reason| Fault::new(&E0501, format!("{} is not a regular expression: {reason}", quoted(pattern))))
}

fn remember(pattern: &Text) -> Compiled {
    let regex = checked(pattern);
    COMPILED.with_borrow_mut(|known| {
        if known.len() >= MAX_CACHED {
            known.clear();
        }
        known.insert(pattern.clone(), regex.clone());
    });
    regex
}

fn checked(pattern: &str) -> Compiled {
    if pattern.len() > MAX_PATTERN {
        return Err(format!("it has {} bytes and may have {MAX_PATTERN}", pattern.len()));
    }
    compile(pattern).map(Rc::new)
}

/// Why a regular expression is none, for checks before evaluation.
///
/// # Errors
/// The reason, without the pattern.
pub fn check_pattern(pattern: &str) -> Result<(), std::string::String> {
    checked(pattern).map(|_| ())
}
