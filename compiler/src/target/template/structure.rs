//! Lists and objects as operands, made by statements.

use super::{Out, Writer, quoted};
use crate::expr::{Entry, Expr, Item};

impl Writer<'_> {
    pub(super) fn list(&mut self, items: &[Item]) -> Out<String> {
        let plain = items.iter().all(|item| matches!(item, Item::Value(value) if !self.may_be_absent(value)));
        if plain {
            let mut operands = String::new();
            for item in items {
                if let Item::Value(value) = item {
                    operands.push(' ');
                    operands.push_str(&self.operand(value)?);
                }
            }
            return Ok(if operands.is_empty() { "list".to_owned() } else { format!("(list{operands})") });
        }
        let list = self.variable("list", "list");
        self.items(&list, items)?;
        Ok(list)
    }

    fn items(&mut self, list: &str, items: &[Item]) -> Out<()> {
        for item in items {
            match item {
                Item::Value(value) => {
                    let append = |operand: &str| format!("{list} = append {list} {operand}");
                    let operand = self.operand(value)?;
                    self.if_there(value, &operand, &append)?;
                }
                Item::Spread(value) => {
                    let concat = |operand: &str| format!("{list} = concat {list} {operand}");
                    let operand = self.operand(value)?;
                    self.if_there(value, &operand, &concat)?;
                }
                Item::If(condition, then, otherwise) => {
                    self.branches(condition, then, otherwise, &mut |writer, items| writer.items(list, items))?;
                }
                Item::For(head, body) => self.each_round(head, &mut |writer| writer.items(list, body))?,
            }
        }
        Ok(())
    }

    pub(super) fn object(&mut self, entries: &[Entry]) -> Out<String> {
        let plain = entries.iter().all(|entry| matches!(entry, Entry::Field(_, value) if !self.may_be_absent(value)));
        if plain {
            let mut operands = String::new();
            for entry in entries {
                if let Entry::Field(key, value) = entry {
                    let operand = self.operand(value)?;
                    operands.push_str(&format!(" {} {operand}", quoted(key)));
                }
            }
            return Ok(if operands.is_empty() { "dict".to_owned() } else { format!("(dict{operands})") });
        }
        let object = self.variable("object", "dict");
        let spreads = entries.iter().any(|entry| matches!(entry, Entry::Spread(_)));
        self.entries(&object, entries, !spreads)?;
        Ok(object)
    }

    /// `once`: nothing is written over, so that a key that comes again is a mistake.
    fn entries(&mut self, object: &str, entries: &[Entry], once: bool) -> Out<()> {
        for entry in entries {
            match entry {
                Entry::Field(key, value) => {
                    let operand = self.operand(value)?;
                    let set = |operand: &str| format!("$_ := set {object} {} {operand}", quoted(key));
                    self.if_there(value, &operand, &set)?;
                }
                Entry::Computed(key, value) => {
                    let text = self.text(key)?;
                    let text = self.variable("key", &text);
                    if once {
                        let fail = format!("fail (printf \"the key `%s` is given twice\" {text})");
                        self.statement(&format!("if hasKey {object} {text} }}}}{{{{ {fail} }}}}{{{{ end"));
                    }
                    let operand = self.operand(value)?;
                    self.if_there(value, &operand, &|operand| format!("$_ := set {object} {text} {operand}"))?;
                }
                Entry::Spread(value) => {
                    let operand = self.operand(value)?;
                    let (name, each) = (self.fresh("key"), self.fresh("value"));
                    self.statement(&format!("range {name}, {each} := {operand}"));
                    self.statement(&format!("$_ := set {object} {name} {each}"));
                    self.statement("end");
                }
                Entry::If(condition, then, otherwise) => {
                    self.branches(condition, then, otherwise, &mut |writer, entries| {
                        writer.entries(object, entries, once)
                    })?;
                }
                Entry::For(head, body) => self.each_round(head, &mut |writer| writer.entries(object, body, once))?,
            }
        }
        Ok(())
    }

    /// A statement over an operand, where that is not nil.
    fn if_there(&mut self, value: &Expr, operand: &str, statement: &dyn Fn(&str) -> String) -> Out<()> {
        if !self.may_be_absent(value) {
            self.statement(&statement(operand));
            return Ok(());
        }
        let text = if operand.starts_with('$') { operand.to_owned() } else { self.variable("value", operand) };
        self.statement(&format!("if not (kindIs \"invalid\" {text})"));
        self.statement(&statement(&text));
        self.statement("end");
        Ok(())
    }

    /// Parts under a condition.
    pub(super) fn branches<P>(
        &mut self,
        condition: &Expr,
        then: &[P],
        otherwise: &[P],
        write: &mut dyn FnMut(&mut Self, &[P]) -> Out<()>,
    ) -> Out<()> {
        if let Some(certain) = self.certain(condition) {
            return write(self, if certain { then } else { otherwise });
        }
        let operand = self.operand(condition)?;
        let outer = self.env.clone();
        if then.is_empty() {
            self.statement(&format!("if not {operand}"));
        } else {
            self.statement(&format!("if {}", super::value::unwrapped(&operand)));
            write(self, then)?;
            self.env.clone_from(&outer);
        }
        if !otherwise.is_empty() {
            if !then.is_empty() {
                self.statement("else");
            }
            write(self, otherwise)?;
            self.env = outer;
        }
        self.statement("end");
        Ok(())
    }
}
