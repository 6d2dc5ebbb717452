//! Functions of Kubernetes quantities. The operators `+ - < ==` are ours; the
//! API server has the functions.

use std::sync::Arc;

use crate::diagnostic::codes::{E0502, E0506};
use crate::eval::{Context, Fault};
use crate::units::{Quantity, UnitError};
use crate::value::Value;

use super::Sig::{self, Bool, Float, Int, String as Text};
use super::arguments::{Outcome, no_overload, quoted};
use super::signature::{Overload, method, plain};
use super::{Function, Since};

const FROM: Since = Since::Minor(28);
const SUM: &[Overload] =
    &[method(&[Sig::Quantity, Sig::Quantity], Sig::Quantity), method(&[Sig::Quantity, Int], Sig::Quantity)];

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "add",
        overloads: SUM,
        eval: |_, args| arithmetic("add", args, Quantity::plus),
        since: FROM,
        doc: "The sum of two quantities, or of a quantity and an Int.",
    },
    Function {
        name: "asApproximateFloat",
        overloads: &[method(&[Sig::Quantity], Float)],
        eval: |_, args| one("asApproximateFloat", args).map(|q| Value::Float(q.as_float())),
        since: FROM,
        doc: "The quantity as the nearest Float.",
    },
    Function {
        name: "asInteger",
        overloads: &[method(&[Sig::Quantity], Int)],
        eval: as_integer,
        since: FROM,
        doc: "The quantity as an Int; an error where it has a fraction or is too large.",
    },
    Function {
        name: "isInteger",
        overloads: &[method(&[Sig::Quantity], Bool)],
        eval: |_, args| one("isInteger", args).map(|q| Value::Bool(q.as_int().is_some())),
        since: FROM,
        doc: "Whether `asInteger` gives a value.",
    },
    Function {
        name: "isQuantity",
        overloads: &[plain(&[Text], Bool)],
        eval: is_quantity,
        since: FROM,
        doc: "Whether the string writes a quantity.",
    },
    Function {
        name: "quantity",
        overloads: &[plain(&[Text], Sig::Quantity)],
        eval: to_quantity,
        since: FROM,
        doc: "The quantity that a string like `1.5Gi` or `200m` writes.",
    },
    Function {
        name: "sign",
        overloads: &[plain(&[Sig::Quantity], Int), method(&[Sig::Quantity], Int).since(Since::Never)],
        eval: |_, args| one("sign", args).map(|q| Value::Int(q.nanos().signum() as i64)),
        since: FROM,
        doc: "1, 0 or -1. The API server's documentation shows a method; it takes only `sign(q)`.",
    },
    Function {
        name: "sub",
        overloads: SUM,
        eval: |_, args| arithmetic("sub", args, Quantity::minus),
        since: FROM,
        doc: "The difference of two quantities, or of a quantity and an Int.",
    },
];

fn one<'a>(name: &str, args: &'a [Value]) -> Result<&'a Quantity, Fault> {
    match args {
        [Value::Quantity(quantity)] => Ok(quantity),
        _ => Err(no_overload(name, args)),
    }
}

fn as_integer(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let quantity = one("asInteger", args)?;
    let integer = quantity.as_int().map(Value::Int);
    integer.ok_or_else(|| Fault::new(&E0506, format!("{quantity} is not an integer of 64 bits")))
}

fn is_quantity(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else { return Err(no_overload("isQuantity", args)) };
    Ok(Value::Bool(Quantity::parse(text).is_ok()))
}

fn to_quantity(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else { return Err(no_overload("quantity", args)) };
    match Quantity::parse(text) {
        Ok(quantity) => Ok(Value::Quantity(Arc::new(quantity))),
        Err(UnitError::Range) => Err(Fault::new(&E0506, format!("{} is out of the range of quantities", quoted(text)))),
        Err(_) => {
            Err(Fault::new(&E0506, format!("{} is not a quantity: write it like 500m, 2, 1.5Gi or 1e3", quoted(text))))
        }
    }
}

fn arithmetic(name: &str, args: &[Value], of: fn(&Quantity, &Quantity) -> Result<Quantity, UnitError>) -> Outcome {
    let result = match args {
        [Value::Quantity(a), Value::Quantity(b)] => of(a, b),
        [Value::Quantity(a), Value::Int(n)] => of(a, &Quantity::from_int(*n)),
        _ => return Err(no_overload(name, args)),
    };
    let quantity =
        result.map_err(|_| Fault::new(&E0502, format!("{name}: the result is out of the range of quantities")))?;
    Ok(Value::Quantity(Arc::new(quantity)))
}
