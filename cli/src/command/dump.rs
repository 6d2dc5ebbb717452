//! `tessera dump`: what the compiler makes of a file, stage by stage.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tessera_compiler::check::{Typing, check_expression};
use tessera_compiler::compile::{Compilation, Settings};
use tessera_compiler::resolve::{Module, ModuleId};
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::{FileId, LineIndex, Span};
use tessera_compiler::syntax::ast::{Decl, DeclKind, ExprKind, Ident};
use tessera_compiler::syntax::tree::{NodeId, Tree};
use tessera_compiler::syntax::{self, ast};

use crate::compilation::compile;
use crate::failure::{Failure, Outcome};
use crate::report::{Format, Report};
use crate::terminal;
use crate::workspace::{Asked, current_folder, select};

/// Show what the compiler makes of a file, for those who work on it or with it
#[derive(Debug, Args)]
pub(crate) struct Dump {
    /// The stage
    #[arg(value_enum)]
    stage: Stage,
    /// The file
    file: String,
    /// The project's folder, instead of searching upwards
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// Every leaf of the tree with its place.
    Tokens,
    /// The whole tree; it prints the file back.
    Tree,
    /// Every declaration and its type.
    Types,
    /// The reduced representation of every composite, as JSON.
    Ir,
}

impl Dump {
    pub(crate) fn run(&self) -> Outcome {
        let paths = [self.file.clone()];
        let works = select(Asked { paths: &paths, project: self.project.as_deref(), ..Asked::default() })?;
        let [work] = works.as_slice() else { return Err(Failure::call("name one file")) };
        let (schemas, current, mut report) = (Schemas::builtin(), current_folder()?, Report::default());
        let compiled = compile(work, &schemas, &Settings::default());
        compiled.report_to(&mut report, &current);
        let compilation = &compiled.compilation;
        let module = compilation.modules.roots.first().and_then(|id| Some((*id, compilation.modules.get(*id)?)));
        let Some((id, module)) = module else {
            report.print(Format::Human, false)?;
            report.outcome(false)?;
            return Err(Failure::call(format!("`{}` is not a file of the language", self.file)));
        };
        // A tree there always is; what comes later needs a sound program.
        if report.has_errors() && matches!(self.stage, Stage::Types | Stage::Ir) {
            report.print(Format::Human, false)?;
            return report.outcome(false);
        }
        terminal::print(&self.dump(compilation, &compilation.schemas, id, module)?)
    }

    fn dump(&self, compilation: &Compilation, schemas: &Schemas, id: ModuleId, module: &Module) -> Outcome<String> {
        let text = compilation.sources().get(module.file).map_or("", |file| &*file.text);
        match self.stage {
            Stage::Tokens => Ok(tokens(&syntax::parse(FileId(0), text).tree, text)),
            Stage::Tree => Ok(tree(&syntax::parse(FileId(0), text).tree, text)),
            Stage::Types => Ok(types(compilation, schemas, id, module)),
            Stage::Ir => ir(compilation, id),
        }
    }
}

fn tokens(tree: &Tree, text: &str) -> String {
    let (lines, mut out) = (LineIndex::new(text), String::new());
    for leaf in tree.leaves() {
        let at = lines.position(text, tree.range(leaf).0);
        let _ = writeln!(out, "{}:{} {:?} {:?}", at.line, at.column, tree.kind(leaf), tree.text(leaf, text));
    }
    out
}

/// One node a line; the tree's nodes stand in preorder, so nothing recurses.
fn tree(tree: &Tree, text: &str) -> String {
    let (mut out, mut open) = (String::new(), Vec::<NodeId>::new());
    for node in tree.ids() {
        while open.last().is_some_and(|end| *end <= node) {
            open.pop();
        }
        let indent = "  ".repeat(open.len());
        if tree.is_leaf(node) {
            let _ = writeln!(out, "{indent}{:?} {:?}", tree.kind(node), tree.text(node, text));
        } else {
            let _ = writeln!(out, "{indent}{:?}", tree.kind(node));
            open.push(tree.after(node));
        }
    }
    out
}

fn types(compilation: &Compilation, schemas: &Schemas, id: ModuleId, module: &Module) -> String {
    let mut out = String::new();
    let source = |span: Span| one_line(compilation.sources().text(span));
    for Decl { kind, .. } in &module.ast.decls {
        match kind {
            DeclKind::Type { name, ty, .. } => {
                let _ = writeln!(out, "type {} = {}", name.name, source(ty.span));
            }
            DeclKind::Let(declared) => {
                let _ =
                    writeln!(out, "let {}: {}", declared.name.name, inferred(compilation, schemas, id, &declared.name));
            }
            DeclKind::Fn(function) => {
                let params: Vec<String> = function
                    .params
                    .iter()
                    .map(|p| {
                        format!("{}: {}", p.name.name, p.ty.as_ref().map_or_else(String::new, |ty| source(ty.span)))
                    })
                    .collect();
                let result = function.result.as_ref().map_or_else(String::new, |ty| format!(" -> {}", source(ty.span)));
                let _ = writeln!(out, "fn {}({}){result}", function.name.name, params.join(", "));
            }
            DeclKind::Composite(composite) => out.push_str(&composite_types(compilation, schemas, id, &composite.name)),
            _ => {}
        }
    }
    out
}

/// The type of a constant, found as that of an expression that names it.
fn inferred(compilation: &Compilation, schemas: &Schemas, id: ModuleId, name: &Ident) -> String {
    let expr = ast::Expr { kind: ExprKind::Name(name.name.clone()), span: name.span };
    let checked = check_expression(&compilation.modules, schemas, id, &expr, &[], Typing::Static);
    checked.typed.ty.display(schemas).to_string()
}

fn composite_types(compilation: &Compilation, schemas: &Schemas, id: ModuleId, name: &Ident) -> String {
    let found = compilation.composites.iter().find(|c| c.module == id && c.ir.kind == name.name);
    let Some(composite) = found else { return String::new() };
    let mut out = format!("composite {}: {}\n", name.name, composite.ir.api());
    for (param, field) in &composite.params.fields {
        let mark = if field.optional { "?" } else { "" };
        let _ = writeln!(out, "  param {param}: {}{mark}", field.ty.display(schemas));
    }
    for resource in composite.ir.resources() {
        let _ = writeln!(out, "  resource {}: {}/{}", resource.name, resource.api(), resource.kind);
    }
    out
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ir(compilation: &Compilation, id: ModuleId) -> Outcome<String> {
    let document = compilation.document(|composite| composite.module == id);
    let text = serde_json::to_string_pretty(&document)
        .map_err(|error| Failure::World(format!("cannot write JSON: {error}")))?;
    Ok(text + "\n")
}
