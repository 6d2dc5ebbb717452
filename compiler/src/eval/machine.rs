//! The evaluator itself: frames of variables, calls, and the forms that need
//! no file of their own.

use super::prepared::Prepared;
use super::{Context, Fault, Host, MAX_DEPTH};
use crate::diagnostic::codes::{E0208, E0305, E0505};
use crate::expr::{Expr, ExprKind, FnId, GlobalId, Local, Program, Refine};
use crate::library::{self, operators};
use crate::source::Span;
use crate::value::Value;

/// Every so many levels the stack is looked at, and grown where it is short.
const LEVELS_PER_CHECK: u32 = 32;
const RED_ZONE: usize = 512 * 1024;
const STACK_PIECE: usize = 4 * 1024 * 1024;

/// The base of the expression's own frame, which grows as it is used. Frames
/// of functions know their size and lie in one stack.
const TOP: usize = usize::MAX;

/// What lives longer than one evaluation.
pub(super) struct Memo {
    ctx: Context<'static>,
    globals: Vec<Global>,
}

#[derive(Clone)]
enum Global {
    Unread,
    Busy,
    Done(Result<Value, Fault>),
}

impl Memo {
    /// It takes no memory before a constant is read, since many evaluators
    /// live for one expression.
    pub(super) const fn new() -> Self {
        Self { ctx: Context::new(), globals: Vec::new() }
    }

    pub(super) const fn ctx(&mut self) -> &mut Context<'static> {
        &mut self.ctx
    }

    /// Gives the whole budget back.
    pub(super) const fn renew(&mut self) {
        self.ctx = Context::new();
    }
}

/// A variable.
#[derive(Clone, Default)]
enum Slot<'e> {
    #[default]
    Empty,
    Ready(Value),
    /// An expression over the frame with this base, not yet evaluated.
    Lazy(&'e Expr, usize),
    Failed(Fault),
}

/// One evaluation under way.
pub(super) struct Machine<'e, 'm> {
    program: &'e Program,
    prepared: &'e Prepared,
    pub(super) host: &'e dyn Host,
    memo: &'m mut Memo,
    /// What the surroundings bind; what the expression binds lies over it.
    locals: &'e [Value],
    top: Vec<Slot<'e>>,
    stack: Vec<Slot<'e>>,
    base: usize,
    depth: u32,
    pub(super) buffer: String,
}

impl<'e, 'm> Machine<'e, 'm> {
    pub(super) fn new(
        program: &'e Program,
        prepared: &'e Prepared,
        host: &'e dyn Host,
        memo: &'m mut Memo,
        locals: &'e [Value],
    ) -> Self {
        let (top, stack, buffer) = (Vec::new(), Vec::new(), String::new());
        Self { program, prepared, host, memo, locals, top, stack, base: TOP, depth: 0, buffer }
    }

    pub(super) fn ctx(&mut self) -> &mut Context<'static> {
        &mut self.memo.ctx
    }

    /// The value of an expression. A fault gets the place of the deepest
    /// expression that it passes.
    pub(super) fn value(&mut self, expr: &'e Expr) -> Result<Value, Fault> {
        if let ExprKind::Const(value) = &expr.kind {
            return Ok(value.clone());
        }
        let result = self.deeper(expr);
        result.map_err(|fault| fault.at(expr.span))
    }

    fn deeper(&mut self, expr: &'e Expr) -> Result<Value, Fault> {
        self.memo.ctx.charge(1)?;
        self.depth += 1;
        // The first level counts too: a host evaluates lets and resources in
        // evaluations of their own, one within the other.
        let result = if self.depth % LEVELS_PER_CHECK != 1 {
            self.form(expr)
        } else if self.depth > MAX_DEPTH {
            Err(Fault::new(&E0505, format!("expressions are nested more than {MAX_DEPTH} levels deep")))
        } else {
            stacker::maybe_grow(RED_ZONE, STACK_PIECE, || self.form(expr))
        };
        self.depth -= 1;
        result
    }

    fn form(&mut self, expr: &'e Expr) -> Result<Value, Fault> {
        match &expr.kind {
            ExprKind::Const(value) => Ok(value.clone()),
            ExprKind::Local(local) => self.local(local),
            ExprKind::Param(name) => Ok(self.host.param(name).unwrap_or_default()),
            ExprKind::Instance => Ok(self.host.instance()),
            ExprKind::Resource(name) => self.host.resource(name),
            ExprKind::Binding(name) => self.host.binding(name),
            ExprKind::Global(id) => self.global(*id),
            ExprKind::Field { base, name, access } => self.field(base, name, *access),
            ExprKind::Index { base, index, access } => self.index(base, index, *access),
            ExprKind::Has(inner) => self.has(inner),
            ExprKind::Unary(op, a) => operators::unary(*op, &self.value(a)?),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b),
            ExprKind::Cond(condition, then, otherwise) => {
                let branch = if self.condition(condition)? { then } else { otherwise };
                self.value(branch)
            }
            ExprKind::Match { subject, arms, default } => self.matched(subject, arms, default.as_deref()),
            ExprKind::Call(name, args) => self.library_call(name, args),
            ExprKind::CallFn(id, args) => self.call(*id, args, expr.span),
            ExprKind::Let(local, value, body) => {
                let slot = self.lazy(value);
                self.put(local.slot, slot);
                self.value(body)
            }
            ExprKind::List(items) => self.list(items),
            ExprKind::Object(entries) => self.object(entries),
            ExprKind::Concat(pieces) => self.concat(pieces),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Coerce(to, inner) => super::coerce(*to, self.value(inner)?),
            ExprKind::Refine(refine) => self.refine(refine),
        }
    }

    // Variables.

    fn slot(&self, slot: u32) -> Option<&Slot<'e>> {
        if self.base == TOP { self.top.get(slot as usize) } else { self.stack.get(self.base + slot as usize) }
    }

    /// A variable's value without evaluating anything.
    pub(super) fn ready(&self, local: &Local) -> Option<&Value> {
        match self.slot(local.slot) {
            Some(Slot::Ready(value)) => Some(value),
            Some(Slot::Empty) | None if self.base == TOP => self.locals.get(local.slot as usize),
            _ => None,
        }
    }

    fn local(&mut self, local: &Local) -> Result<Value, Fault> {
        if let Some(value) = self.ready(local) {
            return Ok(value.clone());
        }
        let (expr, base) = match self.slot(local.slot) {
            Some(Slot::Failed(fault)) => return Err(fault.clone()),
            Some(Slot::Lazy(expr, base)) => (*expr, *base),
            Some(Slot::Empty | Slot::Ready(_)) | None => return Err(unbound(local)),
        };
        self.put(local.slot, Slot::Empty);
        let here = std::mem::replace(&mut self.base, base);
        let result = self.value(expr);
        self.base = here;
        let slot = match &result {
            Ok(value) => Slot::Ready(value.clone()),
            Err(fault) => Slot::Failed(fault.clone()),
        };
        self.put(local.slot, slot);
        result
    }

    /// What a variable that means this expression holds.
    fn lazy(&self, expr: &'e Expr) -> Slot<'e> {
        match &expr.kind {
            ExprKind::Const(value) => Slot::Ready(value.clone()),
            ExprKind::Local(local) => match self.ready(local) {
                Some(value) => Slot::Ready(value.clone()),
                None => Slot::Lazy(expr, self.base),
            },
            _ => Slot::Lazy(expr, self.base),
        }
    }

    pub(super) fn bind(&mut self, local: &Local, value: Value) {
        self.put(local.slot, Slot::Ready(value));
    }

    fn put(&mut self, slot: u32, value: Slot<'e>) {
        let (frame, index) = if self.base == TOP {
            (&mut self.top, slot as usize)
        } else {
            (&mut self.stack, self.base + slot as usize)
        };
        if index >= frame.len() {
            frame.resize(index + 1, Slot::Empty);
        }
        if let Some(place) = frame.get_mut(index) {
            *place = value;
        }
    }

    // Calls.

    fn call(&mut self, id: FnId, args: &'e [Expr], span: Span) -> Result<Value, Fault> {
        let Some(function) = self.prepared.function(self.program, self.memo, id) else {
            return Err(Fault::error("a function is missing from the program"));
        };
        let base = self.stack.len();
        for arg in args {
            let slot = self.lazy(arg);
            self.stack.push(slot);
        }
        let result = self.in_frame(base, function.slots, &function.body);
        result.map_err(|fault| fault.called(span, &function.name))
    }

    fn in_frame(&mut self, base: usize, slots: u32, body: &'e Expr) -> Result<Value, Fault> {
        let size = self.stack.len().max(base + slots as usize);
        self.stack.resize(size, Slot::Empty);
        let caller = std::mem::replace(&mut self.base, base);
        let result = self.value(body);
        self.base = caller;
        self.stack.truncate(base);
        result
    }

    fn global(&mut self, id: GlobalId) -> Result<Value, Fault> {
        let program = self.program;
        let index = id.0 as usize;
        if self.memo.globals.is_empty() {
            self.memo.globals.resize(program.globals.len(), Global::Unread);
        }
        let (Some(memo), Some(global)) = (self.memo.globals.get_mut(index), program.globals.get(index)) else {
            return Err(Fault::error("a constant is missing from the program"));
        };
        match std::mem::replace(memo, Global::Busy) {
            Global::Unread => {}
            Global::Busy => return Err(Fault::new(&E0208, format!("`{}` needs its own value", global.name))),
            Global::Done(result) => {
                *memo = Global::Done(result.clone());
                return result;
            }
        }
        let result = self.in_frame(self.stack.len(), global.slots, &global.value);
        if let Some(memo) = self.memo.globals.get_mut(index) {
            *memo = Global::Done(result.clone());
        }
        result
    }

    fn library_call(&mut self, name: &str, args: &'e [Expr]) -> Result<Value, Fault> {
        let Some(function) = library::find(name) else {
            return Err(Fault::error(format!("there is no function `{name}`")));
        };
        match args {
            [] => (function.eval)(self.ctx(), &[]),
            [a] => {
                let args = [self.value(a)?];
                (function.eval)(self.ctx(), &args)
            }
            // The other value is evaluated only where the optional one is absent.
            [optional, other] if matches!(name, "or" | "orValue") => match self.value(optional)? {
                Value::Absent => self.value(other),
                value => Ok(value),
            },
            [a, b] => {
                let args = [self.value(a)?, self.value(b)?];
                (function.eval)(self.ctx(), &args)
            }
            _ => {
                let args = args.iter().map(|arg| self.value(arg)).collect::<Result<Vec<_>, _>>()?;
                (function.eval)(self.ctx(), &args)
            }
        }
    }

    // Forms.

    fn matched(
        &mut self,
        subject: &'e Expr,
        arms: &'e [(Vec<Value>, Expr)],
        default: Option<&'e Expr>,
    ) -> Result<Value, Fault> {
        let value = self.value(subject)?;
        for (patterns, body) in arms {
            for pattern in patterns {
                if operators::equals(self.ctx(), &value, pattern)? {
                    return self.value(body);
                }
            }
        }
        match default {
            Some(body) => self.value(body),
            None => Err(Fault::new(&E0305, format!("no arm covers {}", value.shown())).at(subject.span)),
        }
    }

    fn refine(&mut self, refine: &'e Refine) -> Result<Value, Fault> {
        let value = self.value(&refine.value)?;
        if matches!(value, Value::Absent) {
            return Ok(value);
        }
        self.bind(&refine.it, value.clone());
        if self.condition(&refine.rule)? {
            return Ok(value);
        }
        let message = match &refine.message {
            Some(message) => Some(self.value(message)?),
            None => None,
        };
        Err(broken(refine, &value, message.as_ref().and_then(Value::as_str)))
    }
}

/// The fault of a value that breaks the rule of its type, E0304.
pub(super) fn broken(refine: &Refine, value: &Value, message: Option<&str>) -> Fault {
    let what = match &refine.type_name {
        Some(name) => format!("{} is not a valid {name}", value.shown()),
        None => format!("{} is not valid here", value.shown()),
    };
    let text = message.map_or_else(|| what.clone(), |message| format!("{what}: {message}"));
    let fault = Fault::new(&crate::diagnostic::codes::E0304, text).at(refine.value.span);
    // What the compiler itself asks for is written nowhere else.
    match refine.rule.span == refine.value.span {
        true => fault,
        false => fault.note(refine.rule.span, "the rule that it breaks"),
    }
}

#[cold]
fn unbound(local: &Local) -> Fault {
    Fault::new(&E0208, format!("`{}` is read before it has a value", local.name))
}
