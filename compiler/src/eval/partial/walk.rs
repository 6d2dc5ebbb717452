//! Going over the parts of an expression.

use rustc_hash::FxHashSet;

use super::bind::Uses;
use crate::expr::{Access, BinaryOp, Entry, Expr, ExprKind, Item};
use crate::stack::deep;

/// How a part is evaluated by what holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At most once, for its value.
    Plain,
    /// In each round of a loop.
    Repeated,
    /// For whether it is there: inside `has`, left of `??`.
    Asked,
}

/// The same code for shared and for mutable expressions.
macro_rules! walker {
    ($children:ident, $items:ident, $entries:ident, $iter:ident, $boxed:ident, $($mutable:tt)?) => {
        pub(super) fn $children(expr: & $($mutable)? Expr, f: &mut dyn FnMut(& $($mutable)? Expr, Place)) {
            use Place::{Asked, Plain, Repeated};
            match & $($mutable)? expr.kind {
                ExprKind::Const(_) | ExprKind::Local(_) | ExprKind::Param(_) | ExprKind::Instance
                | ExprKind::Resource(_) | ExprKind::Binding(_) | ExprKind::Global(_) => {}
                ExprKind::Field { base, .. } => f(base, Plain),
                ExprKind::Index { base, index, .. } => {
                    f(base, Plain);
                    f(index, Plain);
                }
                ExprKind::Has(inner) => f(inner, Asked),
                ExprKind::Unary(_, a) | ExprKind::Coerce(_, a) => f(a, Plain),
                ExprKind::Binary(op, a, b) => {
                    f(a, if *op == BinaryOp::Coalesce { Asked } else { Plain });
                    f(b, Plain);
                }
                ExprKind::Cond(a, b, c) => {
                    f(a, Plain);
                    f(b, Plain);
                    f(c, Plain);
                }
                ExprKind::Match { subject, arms, default } => {
                    f(subject, Plain);
                    arms.$iter().for_each(|(_, body)| f(body, Plain));
                    if let Some(default) = default {
                        f(default, Plain);
                    }
                }
                ExprKind::Call(_, parts) | ExprKind::CallFn(_, parts) | ExprKind::Concat(parts) => {
                    parts.$iter().for_each(|part| f(part, Plain));
                }
                ExprKind::Let(_, value, body) => {
                    f(value, Plain);
                    f(body, Plain);
                }
                ExprKind::List(items) => $items(items, Plain, f),
                ExprKind::Object(entries) => $entries(entries, Plain, f),
                ExprKind::Comprehension(c) => {
                    f(& $($mutable)? c.range, Plain);
                    if let Some(filter) = & $($mutable)? c.filter {
                        f(filter, Repeated);
                    }
                    f(& $($mutable)? c.body, Repeated);
                }
                ExprKind::Refine(refine) => {
                    f(& $($mutable)? refine.value, Plain);
                    f(& $($mutable)? refine.rule, Plain);
                    if let Some(message) = & $($mutable)? refine.message {
                        f(message, Plain);
                    }
                }
            }
        }

        fn $items(items: & $($mutable)? [Item], place: Place, f: &mut dyn FnMut(& $($mutable)? Expr, Place)) {
            for item in items {
                match item {
                    Item::Value(expr) | Item::Spread(expr) => f(expr, place),
                    Item::If(condition, then, otherwise) => {
                        f(condition, place);
                        $items(then, place, f);
                        $items(otherwise, place, f);
                    }
                    Item::For(head, body) => {
                        f(& $($mutable)? head.range, place);
                        $items(body, Place::Repeated, f);
                    }
                }
            }
        }

        fn $entries(entries: & $($mutable)? [Entry], place: Place, f: &mut dyn FnMut(& $($mutable)? Expr, Place)) {
            for entry in entries {
                match entry {
                    Entry::Field(_, expr) | Entry::Spread(expr) => f(expr, place),
                    Entry::Computed(key, expr) => {
                        f(key, place);
                        f(expr, place);
                    }
                    Entry::If(condition, then, otherwise) => {
                        f(condition, place);
                        $entries(then, place, f);
                        $entries(otherwise, place, f);
                    }
                    Entry::For(head, body) => {
                        f(& $($mutable)? head.range, place);
                        $entries(body, Place::Repeated, f);
                    }
                }
            }
        }
    };
}

walker!(children, items, entries, iter, as_ref,);
walker!(children_mut, items_mut, entries_mut, iter_mut, as_mut, mut);

/// Counts the uses of variables with slots from `first` on.
pub(super) fn count_uses(expr: &Expr, place: Place, first: u32, uses: &mut [Uses]) {
    if let ExprKind::Local(local) = &expr.kind {
        let index = local.slot.checked_sub(first).map(|index| index as usize);
        if let Some(uses) = index.and_then(|index| uses.get_mut(index)) {
            uses.count += 1;
            uses.repeated |= place == Place::Repeated;
            uses.asked |= place == Place::Asked;
        }
        return;
    }
    deep(|| {
        children(expr, &mut |child, inner| {
            // What a loop repeats, it repeats with all its parts.
            let inner = if place == Place::Repeated { place } else { inner };
            count_uses(child, inner, first, uses);
        });
    });
}

/// Puts expressions in place of the variables with slots from `first` on.
pub(super) fn replace_uses(expr: &mut Expr, first: u32, by: &mut [Option<Expr>]) {
    if let ExprKind::Local(local) = &expr.kind {
        let index = local.slot.checked_sub(first).map(|index| index as usize);
        let Some(mut new) = index.and_then(|index| by.get_mut(index)).and_then(Option::take) else { return };
        replace_uses(&mut new, first, by);
        *expr = new;
        return;
    }
    deep(|| children_mut(expr, &mut |child, _| replace_uses(child, first, by)));
}

/// Whether an expression reads nothing but variables with slots from `first` on.
pub(super) fn closed(expr: &Expr, first: u32) -> bool {
    match &expr.kind {
        ExprKind::Local(local) => return local.slot >= first,
        ExprKind::Param(_) | ExprKind::Instance | ExprKind::Resource(_) | ExprKind::Binding(_) => return false,
        _ => {}
    }
    let mut all = true;
    deep(|| children(expr, &mut |child, _| all = all && closed(child, first)));
    all
}

/// Whether an expression may be pending: it reads what a cluster fills, or a
/// variable of the result that does.
pub(super) fn may_wait(expr: &Expr, waiting: &FxHashSet<u32>) -> bool {
    match &expr.kind {
        ExprKind::Local(local) => return waiting.contains(&local.slot),
        ExprKind::Resource(_)
        | ExprKind::Binding(_)
        | ExprKind::Field { access: Access::Observed, .. }
        | ExprKind::Index { access: Access::Observed, .. } => return true,
        _ => {}
    }
    let mut any = false;
    deep(|| children(expr, &mut |child, _| any = any || may_wait(child, waiting)));
    any
}

/// [`may_wait`] for an entry of an object.
pub(super) fn entry_may_wait(entry: &Entry, waiting: &FxHashSet<u32>) -> bool {
    let mut any = false;
    entries(std::slice::from_ref(entry), Place::Plain, &mut |part, _| any = any || may_wait(part, waiting));
    any
}

/// Whether the constants, written out, have at most so many parts together.
pub(super) fn constants_within(expr: &Expr, left: &mut usize) -> bool {
    if let ExprKind::Const(value) = &expr.kind {
        return value.take_parts(left);
    }
    let mut all = true;
    deep(|| children(expr, &mut |child, _| all = all && constants_within(child, left)));
    all
}
