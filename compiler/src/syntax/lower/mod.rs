//! Tree to abstract syntax. Nothing is reported here that the tree shows by
//! itself; what is reported is wrong in the text of a token, or too deep.

mod collections;
mod declarations;
mod expressions;
mod literals;
mod members;
mod trivia;
mod types;

use smol_str::SmolStr;

use super::ast::{self, Expr, ExprKind, Ident};
use super::errors::MAX_ERRORS;
use super::tree::{Children, Expected, Kind, NodeId, Tree};
use crate::diagnostic::{Diagnostic, E0005};
use crate::source::{FileId, Span};

/// The deepest expression that is read, in operators, calls, fields and
/// brackets one inside the other; `a + b + c` is two deep.
pub const MAX_EXPRESSION_DEPTH: usize = 512;

/// Makes abstract syntax of a tree.
pub(super) struct Lower<'t> {
    file: FileId,
    text: &'t str,
    tree: &'t Tree,
    /// Errors in the text of tokens.
    pub(super) diagnostics: Vec<Diagnostic>,
    depth: usize,
    too_deep: bool,
    /// An expression on its own, where `.name` looks past the variables of macros.
    alone: bool,
}

impl<'t> Lower<'t> {
    pub(super) const fn new(file: FileId, text: &'t str, tree: &'t Tree) -> Self {
        Self { file, text, tree, diagnostics: Vec::new(), depth: 0, too_deep: false, alone: false }
    }

    /// The module of a file's tree.
    pub(super) fn module(&mut self) -> ast::Module {
        let mut module = ast::Module { allows: self.allows(), ..ast::Module::default() };
        let mut parts = self.parts(self.tree.root());
        while let Some(id) = parts.next() {
            match self.kind(id) {
                Kind::ModuleDecl => module.name = self.parts(id).next().map(|path| self.path(path)),
                Kind::UseDecl => module.uses.push(self.use_decl(id)),
                _ => module.decls.extend(self.declaration(id, &parts)),
            }
        }
        module
    }

    /// The expression of an expression's tree.
    pub(super) fn expression_file(&mut self) -> Expr {
        self.alone = true;
        let root = self.tree.root();
        match self.parts(root).next() {
            Some(id) => self.expr(id),
            None => self.error_expr(root),
        }
    }

    fn kind(&self, id: NodeId) -> Kind {
        self.tree.kind(id)
    }

    fn str(&self, id: NodeId) -> &'t str {
        self.tree.text(id, self.text)
    }

    fn span(&self, id: NodeId) -> Span {
        let (start, end) = self.tree.range(id);
        Span::new(self.file, start, end)
    }

    fn parts(&self, id: NodeId) -> Parts<'t> {
        Parts { tree: self.tree, children: self.tree.children(id), docs: None, started: false }
    }

    fn error_expr(&self, id: NodeId) -> Expr {
        Expr { kind: ExprKind::Error, span: self.span(id) }
    }

    /// A name; what is missing has the empty name.
    fn ident(&self, id: NodeId) -> Ident {
        let text = self.str(id);
        let name = text.strip_prefix('`').map_or(text, |t| t.strip_suffix('`').unwrap_or(t));
        Ident { name: SmolStr::new(name), span: self.span(id) }
    }

    fn ident_or_missing(&self, id: Option<NodeId>, parent: NodeId) -> Ident {
        match id {
            Some(id) => self.ident(id),
            None => Ident { name: SmolStr::default(), span: self.span(parent).at_end() },
        }
    }

    fn path(&self, id: NodeId) -> ast::Path {
        let span = self.span(id);
        let mut segments: Vec<Ident> = self.parts(id).map(|part| self.ident(part)).collect();
        if segments.is_empty() {
            segments.push(Ident { name: SmolStr::default(), span });
        }
        ast::Path { segments, span }
    }

    /// The closing brace of a node; empty when it is missing.
    fn close(&self, id: NodeId) -> Span {
        let span = self.span(id);
        if span.end > span.start && self.str(id).ends_with('}') {
            Span { start: span.end - 1, ..span }
        } else {
            span.at_end()
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_ERRORS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Does work that is `levels` deeper, or reports that it is too deep.
    fn deeper<R>(&mut self, id: NodeId, levels: usize, work: impl FnOnce(&mut Self) -> R) -> Option<R> {
        if self.depth + levels > MAX_EXPRESSION_DEPTH {
            if !std::mem::replace(&mut self.too_deep, true) {
                let message = format!("expression is nested more than {MAX_EXPRESSION_DEPTH} deep");
                let found = Diagnostic::new(&E0005, self.span(id), message)
                    .help("move a part into a `let` or a `fn` of its own; long sums and joins read well as a list");
                self.report(found);
            }
            return None;
        }
        self.depth += levels;
        let result = work(self);
        self.depth -= levels;
        Some(result)
    }
}

/// The children of a node that mean something: names, values, bodies, and what
/// stands for a missing one. Punctuation, keywords and trivia are passed over.
#[derive(Clone)]
pub(super) struct Parts<'t> {
    tree: &'t Tree,
    children: Children<'t>,
    /// The documentation before the part that came last.
    docs: Option<NodeId>,
    started: bool,
}

impl Parts<'_> {
    fn peek(&self) -> Option<NodeId> {
        self.clone().next()
    }

    fn peek_kind(&self) -> Option<Kind> {
        self.peek().map(|id| self.tree.kind(id))
    }

    /// The next part if it is of this kind.
    fn accept(&mut self, kind: Kind) -> Option<NodeId> {
        (self.peek_kind() == Some(kind)).then(|| self.next()).flatten()
    }
}

impl Iterator for Parts<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        self.docs = None;
        // A documentation comment after code on its line is not the next part's.
        let mut fresh = !std::mem::replace(&mut self.started, true);
        for id in self.children.by_ref() {
            match self.tree.kind(id) {
                Kind::Newline => fresh = true,
                Kind::DocComment if fresh && self.docs.is_none() => self.docs = Some(id),
                Kind::Punct | Kind::Error => fresh = false,
                kind if passes(kind) => {}
                _ => return Some(id),
            }
        }
        None
    }
}

const fn passes(kind: Kind) -> bool {
    kind.is_trivia()
        || matches!(
            kind,
            Kind::Unknown
                | Kind::Keyword
                | Kind::Assign
                | Kind::Semicolon
                | Kind::StrayComma
                | Kind::WrongEquals
                | Kind::WrongArrow
                | Kind::Missing(
                    Expected::Colon
                        | Expected::Equals
                        | Expected::Arrow
                        | Expected::In
                        | Expected::MisspeltThen
                        | Expected::MisspeltElse
                        | Expected::When
                        | Expected::On
                        | Expected::Separator
                        | Expected::Comma
                        | Expected::LoopComma
                        | Expected::LineEnd
                        | Expected::Params
                        | Expected::Angle
                        | Expected::CondColon
                )
        )
}
