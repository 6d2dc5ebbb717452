//! Base64. The API server's CEL has none, so these fold at compile time.

use crate::diagnostic::codes::E0506;
use crate::eval::{Context, Fault};
use crate::value::{Value, decode_base64, encode_base64};

use super::Sig::{Bytes, String as Text};
use super::arguments::{Outcome, no_overload, quoted};
use super::signature::plain;
use super::{Function, Since};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "base64.decode",
        overloads: &[plain(&[Text], Bytes)],
        eval: decode,
        since: Since::Never,
        doc: "The octets that base64 text writes, with or without `=` at its end.",
    },
    Function {
        name: "base64.encode",
        overloads: &[plain(&[Bytes], Text)],
        eval: encode,
        since: Since::Never,
        doc: "The octets in base64.",
    },
];

fn decode(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else { return Err(no_overload("base64.decode", args)) };
    ctx.bytes(text.len())?;
    let octets = decode_base64(text).ok_or_else(|| Fault::new(&E0506, format!("{} is not base64", quoted(text))))?;
    Ok(Value::Bytes(octets.into()))
}

fn encode(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::Bytes(octets)] = args else { return Err(no_overload("base64.encode", args)) };
    ctx.bytes(octets.len() / 3 * 4 + 4)?;
    Ok(Value::String(encode_base64(octets).into()))
}
