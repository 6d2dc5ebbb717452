//! Instances of composites, in the language and in YAML: both become syntax
//! first, so that one checker reads both.

use std::sync::Arc;

use smol_str::SmolStr;

use super::composite_type::CompositeType;
use super::facts::Named;
use super::names::Symbol;
use super::object::Target;
use super::{Checker, kubernetes};
use crate::diagnostic::{Diagnostic, E0302, E0303, E0403, E0404, E0602, E0903};
use crate::expr::Expr;
use crate::ir::Scope;
use crate::resolve::{DeclId, ModuleId};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, DeclKind, Ident, Path};
use crate::types::Type;
use crate::yaml::{self, InstanceDocument};

/// A checked instance.
#[derive(Clone, Debug)]
pub struct TypedInstance {
    /// What it is an instance of.
    pub composite: Arc<CompositeType>,
    /// Its name in the cluster.
    pub name: Ident,
    /// Its namespace.
    pub namespace: Option<Ident>,
    /// `metadata.labels`, a map of Strings.
    pub labels: Option<Expr>,
    /// `metadata.annotations`, a map of Strings.
    pub annotations: Option<Expr>,
    /// The parameters, defaults filled in.
    pub params: Expr,
    /// The size of the frame that the parameters need.
    pub slots: u32,
    /// Its module; none for YAML.
    pub module: Option<ModuleId>,
    /// Where it stands.
    pub span: Span,
    /// No error was found in it.
    pub sound: bool,
    /// The declarations that it needs, its composite aside.
    pub needs: Vec<DeclId>,
}

impl Checker<'_> {
    /// An instance in the language.
    pub(crate) fn instance(&mut self, module: ModuleId, instance: &ast::Instance, span: Span) -> Option<TypedInstance> {
        let count = self.diagnostics.len();
        let (made, frame) = self.in_frame(module, |c| {
            let Some(composite) = c.composite_named(&instance.composite) else {
                c.attempt(|c| c.infer(&instance.body));
                return None;
            };
            let params = c.instance_params(&instance.body, &composite);
            Some((composite, params))
        });
        let (composite, params) = made?;
        let kind = instance.composite.segments.last().map_or(instance.composite.span, |name| name.span);
        self.note_instance(&composite, kind, &instance.name, span);
        self.check_instance_name(&instance.name, instance.namespace.as_ref(), &composite);
        let sound = !self.diagnostics.iter().skip(count).any(Diagnostic::is_error);
        Some(TypedInstance {
            composite,
            name: instance.name.clone(),
            namespace: instance.namespace.clone(),
            labels: None,
            annotations: None,
            params,
            slots: frame.slots,
            module: Some(module),
            span,
            sound,
            needs: frame.needs,
        })
    }

    fn composite_named(&mut self, path: &Path) -> Option<Arc<CompositeType>> {
        let decl = match path.segments.as_slice() {
            [name] => match self.symbol(&name.name) {
                Some(Symbol::Decl(decl)) => Some(decl),
                Some(Symbol::Missing) => return None,
                _ => None,
            },
            [module, name] => match self.symbol(&module.name) {
                Some(Symbol::Module(id)) => {
                    self.refer_to_module(module.span, id);
                    match self.member_symbol(id, name) {
                        Symbol::Decl(decl) => Some(decl),
                        _ => return None,
                    }
                }
                Some(Symbol::Missing) => return None,
                _ => None,
            },
            _ => None,
        };
        let is_composite =
            |c: &Self, d: DeclId| matches!(c.modules.decl(d).map(|d| &d.kind), Some(DeclKind::Composite(_)));
        match decl {
            Some(decl) if is_composite(self, decl) => {
                if let Some(name) = path.segments.last() {
                    self.refer_to_decl(name.span, decl);
                }
                self.composite(decl)
            }
            _ => {
                let diagnostic = self.no_composite(path);
                self.report(diagnostic);
                None
            }
        }
    }

    fn no_composite(&self, path: &Path) -> Diagnostic {
        let name = path.dotted();
        let diagnostic = Diagnostic::new(&E0903, path.span, format!("there is no composite `{name}` here"));
        let known = self.known_composites();
        match suggest::closest(&name, known.iter().map(|(n, _)| n.as_str())) {
            Some(best) => diagnostic.fix(format!("replace it with `{best}`"), path.span, best, true),
            None => match known.iter().find(|(n, _)| *n == name) {
                Some((_, Some(module))) => diagnostic.help(format!("import it: `use {module}.{{ {name} }}`")),
                _ => diagnostic.help("declare it with `composite`, or import it with `use`"),
            },
        }
    }

    /// The composites of all loaded modules, with their modules' names.
    fn known_composites(&self) -> Vec<(SmolStr, Option<String>)> {
        let mut known = Vec::new();
        for module in &self.modules.list {
            for decl in &module.ast.decls {
                if let DeclKind::Composite(composite) = &decl.kind {
                    known.push((composite.name.name.clone(), module.ast.name.as_ref().map(Path::dotted)));
                }
            }
        }
        known
    }

    fn instance_params(&mut self, body: &ast::Expr, composite: &CompositeType) -> Expr {
        let ast::ExprKind::Object(entries) = &body.kind else { return Self::unknown(body.span).expr };
        let ty = Type::Named(Arc::new(crate::types::Named {
            name: composite.ir.kind.clone(),
            doc: composite.ir.doc.clone(),
            span: composite.ir.span,
            ty: Type::Record(composite.params.clone()),
        }));
        let target = Target { record: &composite.params, def: None, ty: &ty };
        self.record_object(entries, body.span, &target)
    }

    fn check_instance_name(&mut self, name: &Ident, namespace: Option<&Ident>, composite: &CompositeType) {
        if !kubernetes::is_dns_subdomain(&name.name) || name.name.len() > 63 {
            let better = kubernetes::nearest_name(&name.name);
            let written = self.modules.sources.text(name.span).to_owned();
            let replacement = written.replace(name.name.as_str(), &better);
            self.report(
                Diagnostic::new(&E0403, name.span, format!("`{}` is not a valid name in Kubernetes", name.name))
                    .label("names are lower-case letters, digits, `-` and `.`, at most 63 of them")
                    .fix(format!("call it `{better}`"), name.span, replacement, false),
            );
        }
        let Some(namespace) = namespace else { return };
        if composite.ir.scope == Scope::Cluster {
            self.report(
                Diagnostic::new(
                    &E0404,
                    namespace.span,
                    format!("instances of {} live in no namespace", composite.ir.kind),
                )
                .also(composite.ir.span, "its scope is `cluster`")
                .help("remove the namespace"),
            );
        } else if !kubernetes::is_dns_label(&namespace.name) {
            let better = kubernetes::nearest_name(&namespace.name).replace('.', "-");
            self.report(
                Diagnostic::new(&E0403, namespace.span, format!("`{}` is not a valid namespace", namespace.name))
                    .label("a namespace is lower-case letters, digits and `-`, at most 63 of them")
                    .fix(format!("call it `{better}`"), namespace.span, better, false),
            );
        }
    }

    /// The instances in a YAML file. Documents of other kinds are passed over,
    /// unless they were meant as an instance.
    pub(crate) fn yaml_instances(
        &mut self,
        file: crate::source::FileId,
        composites: &[Arc<CompositeType>],
    ) -> Vec<TypedInstance> {
        let Some(source) = self.modules.sources.get(file) else { return Vec::new() };
        let text = source.text.clone();
        let named = self.modules.named.contains(&file);
        if !named
            && !composites
                .iter()
                .any(|c| text.contains(&format!("{}/", c.ir.group)) || text.contains(&format!("kind: {}", c.ir.kind)))
        {
            return Vec::new();
        }
        let (documents, diagnostics) = yaml::read(file, &text);
        let before = self.diagnostics.len();
        self.diagnostics.extend(diagnostics);
        let mut found = Vec::new();
        let mut ours = self.diagnostics.iter().skip(before).any(Diagnostic::is_error);
        for document in &documents {
            let Some(header) = yaml::header(document) else {
                ours |= self.without_version(document, composites);
                continue;
            };
            let count = self.diagnostics.len();
            let Some(composite) = self.composite_of(&header, composites, named) else {
                ours |= self.diagnostics.len() > count;
                continue;
            };
            ours = true;
            self.refer(header.kind.1, Named::Source(composite.ir.span));
            let (instance, diagnostics) = yaml::instance(document, header);
            self.diagnostics.extend(diagnostics);
            found.extend(self.yaml_instance(instance, composite, count));
        }
        if !ours && named {
            let diagnostic = no_instance(file, &documents, composites);
            self.report(diagnostic);
        } else if !ours {
            self.diagnostics.truncate(before);
        }
        found
    }

    /// Reports a document that has the kind of a composite and no `apiVersion`.
    fn without_version(&mut self, document: &yaml::Document, composites: &[Arc<CompositeType>]) -> bool {
        let Some(kind) = document.root.get("kind").filter(|_| document.root.get("apiVersion").is_none()) else {
            return false;
        };
        let Some(meant) = composites.iter().find(|c| kind.as_str() == Some(c.ir.kind.as_str())) else { return false };
        self.report(
            Diagnostic::new(&E0903, kind.span, format!("this {} has no `apiVersion`", meant.ir.kind))
                .help(format!("write `apiVersion: {}` above", meant.ir.api())),
        );
        true
    }

    fn composite_of(
        &mut self,
        header: &yaml::Header,
        composites: &[Arc<CompositeType>],
        named: bool,
    ) -> Option<Arc<CompositeType>> {
        let (api, api_span) = &header.api_version;
        let (kind, kind_span) = &header.kind;
        if let Some(found) = composites.iter().find(|c| c.ir.kind == *kind && c.ir.api() == *api) {
            return Some(found.clone());
        }
        let group = |api: &str| api.split('/').next().unwrap_or("").to_owned();
        let near = |c: &CompositeType| {
            let group = group(api);
            named || c.ir.group == group || suggest::closest(&group, std::iter::once(c.ir.group.as_str())).is_some()
        };
        if let Some(same) = composites.iter().find(|c| c.ir.kind == *kind && near(c)) {
            let right = same.ir.api();
            self.report(
                Diagnostic::new(&E0903, *api_span, format!("{kind} is declared for `{right}`, not for `{api}`"))
                    .also(same.ir.span, "declared here")
                    .fix(format!("write `{right}`"), *api_span, right, true),
            );
            return None;
        }
        let ours = composites.iter().any(|c| c.ir.group == group(api));
        let known = || composites.iter().map(|c| c.ir.kind.as_str());
        if !ours {
            return None;
        }
        let diagnostic = Diagnostic::new(&E0903, *kind_span, format!("there is no composite `{kind}`"));
        self.report(match suggest::closest(kind, known()) {
            Some(best) => diagnostic.fix(format!("replace it with `{best}`"), *kind_span, best, true),
            None => diagnostic.help(format!("the composites of the project are {}", suggest::listing(known()))),
        });
        None
    }

    fn yaml_instance(
        &mut self,
        instance: InstanceDocument,
        composite: Arc<CompositeType>,
        count: usize,
    ) -> Option<TypedInstance> {
        for field in &instance.unknown {
            self.report(
                Diagnostic::new(&E0302, field.span, format!("an object has no field `{}`", field.name))
                    .help("the parameters stand under `spec`"),
            );
        }
        let Some((name, span)) = instance.name else {
            self.report(
                Diagnostic::new(&E0303, instance.header.kind.1, "`metadata.name` is missing")
                    .help("give the instance a name: `metadata: { name: … }`"),
            );
            return None;
        };
        let name = Ident { name, span };
        self.note_instance(&composite, instance.header.kind.1, &name, instance.span);
        let namespace = instance.namespace.map(|(name, span)| Ident { name, span });
        self.check_instance_name(&name, namespace.as_ref(), &composite);
        let ((params, labels, annotations), frame) = self.in_frame(composite.module, |c| {
            let texts = Type::map(Type::String);
            let params = c.instance_params(&instance.spec, &composite);
            let labels = instance.labels.as_ref().map(|l| c.check(l, &texts));
            let annotations = instance.annotations.as_ref().map(|a| c.check(a, &texts));
            (params, labels, annotations)
        });
        let sound = !self.diagnostics.iter().skip(count).any(Diagnostic::is_error);
        Some(TypedInstance {
            composite,
            name,
            namespace,
            labels,
            annotations,
            params,
            slots: frame.slots,
            module: None,
            span: instance.span,
            sound,
            needs: frame.needs,
        })
    }

    /// Two instances of one composite with one name and namespace.
    pub(crate) fn refuse_equal_instances(&mut self, instances: &[Arc<TypedInstance>]) {
        let mut seen: rustc_hash::FxHashMap<(SmolStr, SmolStr, Option<SmolStr>), Span> =
            rustc_hash::FxHashMap::default();
        for instance in instances {
            let key = (
                format!("{}.{}", instance.composite.ir.kind, instance.composite.ir.group).into(),
                instance.name.name.clone(),
                instance.namespace.as_ref().map(|n| n.name.clone()),
            );
            let Some(earlier) = seen.insert(key, instance.name.span) else { continue };
            self.report(
                Diagnostic::new(
                    &E0602,
                    instance.name.span,
                    format!(
                        "there are two instances of {} called `{}`",
                        instance.composite.ir.kind, instance.name.name
                    ),
                )
                .also(earlier, "the other one")
                .help("rename one of them, or put it in another namespace: `in namespace`"),
            );
        }
    }
}

/// The complaint about a YAML file that was named and holds no instance.
fn no_instance(
    file: crate::source::FileId,
    documents: &[yaml::Document],
    composites: &[Arc<CompositeType>],
) -> Diagnostic {
    let header = documents.iter().find_map(yaml::header);
    let diagnostic = match &header {
        Some(header) => {
            Diagnostic::new(&E0903, header.kind.1, format!("`{}` is not a composite of the project", header.kind.0))
        }
        None => Diagnostic::new(&E0903, Span::new(file, 0, 0), "this file holds no instance of a composite"),
    };
    if composites.is_empty() {
        return diagnostic
            .help("the project has no composites; keep the file beside their sources, or give them as well");
    }
    let known: Vec<String> = composites.iter().map(|c| format!("{} ({})", c.ir.kind, c.ir.api())).collect();
    diagnostic.help(format!("the composites of the project are {}", suggest::listing(known.iter().map(String::as_str))))
}
