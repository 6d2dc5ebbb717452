//! Going over an expression: its direct parts, and the variables in it.

use super::{Entry, Expr, ExprKind, Item, Local, Loop};

/// The walk over the direct parts of an expression, by shared or by mutable reference.
macro_rules! parts {
    ($parts:ident, $items:ident, $entries:ident, $iter:ident $(, $mutable:tt)?) => {
        impl Expr {
            /// Calls `f` with each direct part, in order of evaluation.
            pub fn $parts(& $($mutable)? self, f: &mut dyn FnMut(& $($mutable)? Self)) {
                match & $($mutable)? self.kind {
                    ExprKind::Const(_)
                    | ExprKind::Local(_)
                    | ExprKind::Param(_)
                    | ExprKind::Instance
                    | ExprKind::Resource(_)
                    | ExprKind::Binding(_)
                    | ExprKind::Global(_) => {}
                    ExprKind::Field { base, .. }
                    | ExprKind::Has(base)
                    | ExprKind::Unary(_, base)
                    | ExprKind::Coerce(_, base) => f(base),
                    ExprKind::Index { base, index, .. } => [base, index].into_iter().for_each(|e| f(e)),
                    ExprKind::Binary(_, left, right) | ExprKind::Let(_, left, right) => {
                        [left, right].into_iter().for_each(|e| f(e))
                    }
                    ExprKind::Cond(a, b, c) => [a, b, c].into_iter().for_each(|e| f(e)),
                    ExprKind::Match { subject, arms, default } => {
                        f(subject);
                        arms.$iter().for_each(|(_, e)| f(e));
                        default.$iter().for_each(|e| f(e));
                    }
                    ExprKind::Call(_, args) | ExprKind::CallFn(_, args) | ExprKind::Concat(args) => {
                        args.$iter().for_each(f)
                    }
                    ExprKind::List(items) => $items(items, f),
                    ExprKind::Object(entries) => $entries(entries, f),
                    ExprKind::Comprehension(c) => {
                        f(& $($mutable)? c.range);
                        c.filter.$iter().for_each(&mut *f);
                        f(& $($mutable)? c.body);
                    }
                    ExprKind::Refine(refine) => {
                        f(& $($mutable)? refine.value);
                        f(& $($mutable)? refine.rule);
                        refine.message.$iter().for_each(f);
                    }
                }
            }
        }

        fn $items(items: & $($mutable)? [Item], f: &mut dyn FnMut(& $($mutable)? Expr)) {
            for item in items {
                match item {
                    Item::Value(e) | Item::Spread(e) => f(e),
                    Item::If(c, then, otherwise) => {
                        f(c);
                        $items(then, f);
                        $items(otherwise, f);
                    }
                    Item::For(head, body) => {
                        f(& $($mutable)? head.range);
                        $items(body, f);
                    }
                }
            }
        }

        fn $entries(entries: & $($mutable)? [Entry], f: &mut dyn FnMut(& $($mutable)? Expr)) {
            for entry in entries {
                match entry {
                    Entry::Field(_, e) | Entry::Spread(e) => f(e),
                    Entry::Computed(k, e) => {
                        f(k);
                        f(e);
                    }
                    Entry::If(c, then, otherwise) => {
                        f(c);
                        $entries(then, f);
                        $entries(otherwise, f);
                    }
                    Entry::For(head, body) => {
                        f(& $($mutable)? head.range);
                        $entries(body, f);
                    }
                }
            }
        }
    };
}

parts!(parts, items, entries, iter);
parts!(parts_mut, items_mut, entries_mut, iter_mut, mut);

impl Expr {
    /// Calls `f` with this expression and every one inside it, outermost first.
    /// The walk clones nothing; it is as deep as the expression.
    pub fn walk_mut(&mut self, f: &mut dyn FnMut(&mut Self)) {
        f(self);
        self.parts_mut(&mut |part| part.walk_mut(f));
    }

    /// Calls `f` with this expression and every one inside it, outermost first.
    pub fn walk(&self, f: &mut dyn FnMut(&Self)) {
        f(self);
        self.parts(&mut |part| part.walk(f));
    }

    /// The expression with every slot moved up, to stand in another frame.
    #[must_use]
    pub fn shifted(&self, by: u32) -> Self {
        let mut moved = self.clone();
        if by > 0 {
            moved.walk_mut(&mut |expr| expr.locals_mut(&mut |local| local.slot += by));
        }
        moved
    }

    /// Calls `f` with the variables that this expression itself reads or binds.
    pub fn locals_mut(&mut self, f: &mut dyn FnMut(&mut Local)) {
        match &mut self.kind {
            ExprKind::Local(local) | ExprKind::Let(local, ..) => f(local),
            ExprKind::List(items) => items_locals(items, f),
            ExprKind::Object(entries) => entries_locals(entries, f),
            ExprKind::Comprehension(c) => {
                f(&mut c.first);
                c.second.iter_mut().for_each(f);
            }
            ExprKind::Refine(refine) => f(&mut refine.it),
            _ => {}
        }
    }
}

fn loop_locals(head: &mut Loop, f: &mut dyn FnMut(&mut Local)) {
    f(&mut head.first);
    head.second.iter_mut().for_each(f);
}

fn items_locals(items: &mut [Item], f: &mut dyn FnMut(&mut Local)) {
    for item in items {
        match item {
            Item::Value(_) | Item::Spread(_) => {}
            Item::If(_, then, otherwise) => {
                items_locals(then, f);
                items_locals(otherwise, f);
            }
            Item::For(head, body) => {
                loop_locals(head, f);
                items_locals(body, f);
            }
        }
    }
}

fn entries_locals(entries: &mut [Entry], f: &mut dyn FnMut(&mut Local)) {
    for entry in entries {
        match entry {
            Entry::Field(..) | Entry::Computed(..) | Entry::Spread(_) => {}
            Entry::If(_, then, otherwise) => {
                entries_locals(then, f);
                entries_locals(otherwise, f);
            }
            Entry::For(head, body) => {
                loop_locals(head, f);
                entries_locals(body, f);
            }
        }
    }
}
