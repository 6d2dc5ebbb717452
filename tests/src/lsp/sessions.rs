//! Recorded sessions: what an editor sends, played again.
//!
//! A session is JSON: who, what the client answers to each method that the server asks, and the messages of
//! the client in their order. `$ROOT` stands for the URI of the folder. The answers become a snapshot.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use super::meta::{Model, Sender};
use super::{Client, Options, Result, uri};

const ROOT: &str = "$ROOT";

/// The session that two sides said, with placeholders.
#[must_use]
pub fn recorded(about: &str, root: &str, client: &[Json], server: &[Json]) -> String {
    let root = root.trim_end_matches('/');
    let mut asked: BTreeMap<String, &str> = BTreeMap::new();
    for message in server {
        if let (Some(id), Some(method)) = (message.get("id"), message.get("method").and_then(Json::as_str)) {
            asked.insert(id.to_string(), method);
        }
    }
    let (mut answers, mut messages) = (Map::new(), Vec::new());
    for message in client {
        if message.get("method").is_some() {
            let mut message = message.clone();
            replace(&mut message, root, ROOT);
            if let Some(params) = message.get_mut("params").and_then(Json::as_object_mut)
                && params.contains_key("processId")
            {
                params.insert("processId".to_owned(), Json::Null);
            }
            messages.push(message);
        } else if let Some(method) = message.get("id").and_then(|id| asked.get(&id.to_string())) {
            let mut answer = message.clone();
            if let Some(answer) = answer.as_object_mut() {
                answer.shift_remove("id");
                answer.shift_remove("jsonrpc");
            }
            answers.insert((*method).to_owned(), answer);
        }
    }
    let mut out = String::from("{\n");
    let _ = writeln!(out, "  \"about\": {},", json!(about));
    let _ = writeln!(out, "  \"answers\": {},", Json::Object(answers));
    let lines: Vec<String> = messages.iter().map(|message| format!("    {message}")).collect();
    let _ = write!(out, "  \"messages\": [\n{}\n  ]\n}}\n", lines.join(",\n"));
    out
}

/// Puts one text in place of another, in every text and key.
pub fn replace(value: &mut Json, from: &str, to: &str) {
    let path = |text: &str| text.strip_prefix("file://").map(str::to_owned);
    let plain = [(Some(from.to_owned()), Some(to.to_owned())), (path(from), Some("$PATH".to_owned()))];
    let change = |text: &str| {
        let mut text = text.to_owned();
        for (from, to) in &plain {
            if let (Some(from), Some(to)) = (from, to) {
                text = text.replace(from.as_str(), to);
            }
        }
        text
    };
    match value {
        Json::String(text) => *text = change(text),
        Json::Array(items) => items.iter_mut().for_each(|item| replace(item, from, to)),
        Json::Object(entries) => {
            let old = std::mem::take(entries);
            for (key, mut inner) in old {
                replace(&mut inner, from, to);
                // It may be a sum over texts with paths in them.
                if key == "resultId" {
                    inner = json!("$RESULT");
                }
                entries.insert(change(&key), inner);
            }
        }
        _ => {}
    }
}

/// Plays a session in a folder, and writes down what it was answered. What was published meanwhile is
/// left out: how much of it comes before the end is a matter of time.
///
/// # Errors
/// When a request is not answered, or a message is wrong.
pub fn play(session: &Json, program: &Path, folder: &Path) -> Result<String> {
    let root = uri(folder);
    let mut client = Client::start(program, &["lsp"], folder, Options::default())?;
    client.answers = session.get("answers").and_then(Json::as_object).cloned().unwrap_or_default();
    // Editors send more than the specification has; what the server says is held against it all the same.
    client.lenient();
    let mut out = String::new();
    let mut left = false;
    for message in session.get("messages").and_then(Json::as_array).into_iter().flatten() {
        let mut message = message.clone();
        unplace(&mut message, &root);
        let comment = message.as_object_mut().and_then(|message| message.shift_remove("comment"));
        if let Some(comment) = comment.as_ref().and_then(Json::as_str) {
            let _ = writeln!(out, "# {comment}");
        }
        let method = message.get("method").and_then(Json::as_str).unwrap_or_default().to_owned();
        let params = message.get("params").cloned();
        if message.get("id").is_some() {
            let id = client.request_as(&method, params)?;
            let answer = client.wait(id)?;
            let mut told = match answer.result {
                Ok(result) => result,
                Err(error) => json!({ "error": error }),
            };
            replace(&mut told, &root, ROOT);
            shorten(&mut told);
            in_order(&mut told);
            let _ = writeln!(out, "{method}\n{}\n", pretty(&told));
        } else {
            client.notify_as(&method, params)?;
            let _ = writeln!(out, "{method}\n");
            if method == "exit" {
                left = true;
                break;
            }
        }
    }
    client.right()?;
    let status = if left { client.ended()? } else { client.exit()? };
    let _ = writeln!(out, "ended: {status}");
    Ok(out)
}

fn unplace(value: &mut Json, root: &str) {
    let path = root.trim_start_matches("file://");
    match value {
        Json::String(text) => *text = text.replace(ROOT, root).replace("$PATH", path),
        Json::Array(items) => items.iter_mut().for_each(|item| unplace(item, root)),
        Json::Object(entries) => entries.values_mut().for_each(|inner| unplace(inner, root)),
        _ => {}
    }
}

/// Of a long list of completions, the first are enough.
fn shorten(told: &mut Json) {
    const SHOWN: usize = 8;
    if let Some(items) = told.get_mut("items").and_then(Json::as_array_mut).filter(|items| items.len() > SHOWN) {
        let more = items.len() - SHOWN;
        items.truncate(SHOWN);
        items.push(json!(format!("… and {more} more")));
    }
}

/// The files of an edit have no order; here they get one.
fn in_order(told: &mut Json) {
    match told {
        Json::Array(items) => items.iter_mut().for_each(in_order),
        Json::Object(entries) => {
            if let Some(Json::Object(files)) = entries.get_mut("changes") {
                files.sort_keys();
            }
            entries.values_mut().for_each(in_order);
        }
        _ => {}
    }
}

/// JSON whose small parts are on one line.
fn pretty(value: &Json) -> String {
    fn write(value: &Json, indent: usize, out: &mut String) {
        let short = value.to_string();
        let inner = "  ".repeat(indent + 1);
        match value {
            _ if short.len() + 2 * indent <= 116 => out.push_str(&short),
            Json::Array(items) if items.iter().all(Json::is_number) => out.push_str(&short),
            Json::Array(items) => {
                out.push_str("[\n");
                for (at, item) in items.iter().enumerate() {
                    out.push_str(&inner);
                    write(item, indent + 1, out);
                    out.push_str(if at + 1 < items.len() { ",\n" } else { "\n" });
                }
                let _ = write!(out, "{}]", "  ".repeat(indent));
            }
            Json::Object(entries) => {
                out.push_str("{\n");
                for (at, (key, item)) in entries.iter().enumerate() {
                    let _ = write!(out, "{inner}{}: ", json!(key));
                    write(item, indent + 1, out);
                    out.push_str(if at + 1 < entries.len() { ",\n" } else { "\n" });
                }
                let _ = write!(out, "{}}}", "  ".repeat(indent));
            }
            _ => out.push_str(&short),
        }
    }
    use std::fmt::Write as _;
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

/// Whether the messages of a session are right, as far as the model knows them.
#[must_use]
pub fn wrong(session: &Json, model: &Model) -> Vec<String> {
    let messages = session.get("messages").and_then(Json::as_array).into_iter().flatten();
    messages
        .filter_map(|message| {
            let mut message = message.clone();
            message.as_object_mut()?.shift_remove("comment");
            unplace(&mut message, "file:///root");
            model.wrong(Sender::Client, &message, None)
        })
        .collect()
}
