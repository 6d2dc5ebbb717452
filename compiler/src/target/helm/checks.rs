//! The template that makes nothing and fails where values break a rule of a type or a
//! requirement; and the named templates that complete parameters.

use crate::diagnostic::Diagnostic;
use crate::expr::{Expr, ExprKind, Local, Program, Refine};
use crate::ir::{Composite, Schema};
use crate::target::template::{self, Out, Shared, Writer, quoted};
use crate::value::Value;

use super::repr_of;

pub(super) fn write(writer: &mut Writer<'_>) -> Out<()> {
    let composite = writer.composite;
    for param in composite.params.iter().filter(|param| holds_rules(&param.schema)) {
        let expr = Expr::new(ExprKind::Param(param.name.clone()), repr_of(&param.schema), param.span);
        let optional = param.optional && param.default.is_none();
        let written = rules_of(writer, &param.schema, &expr, optional);
        writer.refuse(written);
    }
    for requirement in &composite.requirements {
        let written = required(writer, requirement);
        writer.refuse(written);
    }
    Ok(())
}

fn required(writer: &mut Writer<'_>, requirement: &crate::ir::Requirement) -> Out<()> {
    let condition = writer.operand(&requirement.condition)?;
    writer.block(&format!("if not {condition}"), |writer| {
        let message = match &requirement.message {
            Some(message) => writer.operand(message)?,
            None => quoted("a requirement is not met"),
        };
        writer.statement(&format!("fail {message}"));
        Ok(())
    })
}

fn rules_of(writer: &mut Writer<'_>, schema: &Schema, param: &Expr, optional: bool) -> Out<()> {
    let operand = writer.operand(param)?;
    if optional {
        return writer
            .block(&format!("if not (kindIs \"invalid\" {operand})"), |writer| rules(writer, schema, &operand, param));
    }
    rules(writer, schema, &operand, param)
}

/// Checks the rules of a value and of its parts.
fn rules(writer: &mut Writer<'_>, schema: &Schema, operand: &str, param: &Expr) -> Out<()> {
    match schema {
        Schema::Rule(rule) => {
            rules(writer, &rule.base, operand, param)?;
            let refine = Refine {
                value: Expr::new(ExprKind::Const(Value::Absent), repr_of(&rule.base), param.span),
                it: Local { slot: 0, name: "it".into() },
                rule: rule.rule.clone(),
                message: rule.message.clone(),
                type_name: rule.name.clone(),
            };
            let template = writer.rule(&refine)?;
            writer.statement(&format!("$_ := include {template} {operand}"));
        }
        Schema::List(item) | Schema::Map(item) if holds_rules(item) => {
            let each = writer.fresh("each");
            writer.block(&format!("range {each} := {operand}"), |writer| rules(writer, item, &each, param))?;
        }
        Schema::Record(fields) => {
            for field in fields.iter().filter(|field| holds_rules(&field.schema)) {
                let value = format!("(index {operand} {})", quoted(&field.name));
                if field.optional && field.default.is_none() {
                    writer.block(&format!("if not (kindIs \"invalid\" {value})"), |writer| {
                        rules(writer, &field.schema, &value, param)
                    })?;
                } else {
                    rules(writer, &field.schema, &value, param)?;
                }
            }
        }
        Schema::Union(members) => {
            for member in members.iter().filter(|member| holds_rules(member)) {
                let Some(test) = template::test_of(member, operand, param.span) else {
                    return Err(template::refused(
                        param.span,
                        "the rules of a union whose members no field tells apart",
                        "give each member a field with a text of its own, `kind` for example",
                    ));
                };
                writer.block(&format!("if {test}"), |writer| rules(writer, member, operand, param))?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn holds_rules(schema: &Schema) -> bool {
    match schema {
        Schema::Rule(_) => true,
        Schema::List(item) | Schema::Map(item) => holds_rules(item),
        Schema::Record(fields) => fields.iter().any(|field| holds_rules(&field.schema)),
        Schema::Union(members) => members.iter().any(holds_rules),
        _ => false,
    }
}

/// The named templates of the parameters that are not read as the values have them.
pub(super) fn parameters(
    composite: &Composite,
    program: &Program,
    prefix: &str,
    shared: &mut Shared,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for param in &composite.params {
        let direct =
            matches!(template::strip(&param.schema), Schema::Duration | Schema::Quantity) || template::is_direct(param);
        if direct {
            continue;
        }
        let mut writer = Writer::new(composite, program, prefix, shared);
        let name = writer.parameter_template(&param.name);
        let written = completed(&mut writer, param);
        writer.refuse(written);
        let (text, found) = writer.finish();
        diagnostics.extend(found);
        shared.defines.insert(name, text);
    }
}

fn completed(writer: &mut Writer<'_>, param: &crate::ir::Param) -> Out<()> {
    let place = format!("(index $.Values {})", quoted(&param.name));
    let value = writer.variable(&param.name, &place);
    writer.statement(&format!("if kindIs \"invalid\" {value}"));
    match &param.default {
        Some(default) => {
            let default = writer.operand(default)?;
            writer.statement(&format!("dict \"value\" {default} | toJson"));
        }
        None => writer.statement("dict | toJson"),
    }
    writer.block_else(|writer| {
        let made = writer.completed(&param.schema, &value, param.span)?;
        writer.statement(&format!("dict \"value\" {made} | toJson"));
        Ok(())
    })
}
