// Writes the meta model of the Language Server Protocol, in the form of its metaModel.json, to standard
// output. The file itself is in no package, but what it is made from is: the declarations of
// vscode-languageserver-protocol, whose types carry every message, and the package's own values, which
// carry names and directions. The form is that of metaModel.schema.json in the same package, but for two
// things: an enumeration of numbers or texts is an alias to `or` of literals, and a structure that takes
// more properties than it names is `open`.
import { createRequire } from "node:module";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const PACKAGES = join(process.cwd(), "node_modules");
const require = createRequire(join(process.cwd(), "package.json"));
const ts = require("typescript");
const protocol = require("vscode-languageserver-protocol/node");

const BASE = new Set(["URI", "DocumentUri", "integer", "uinteger", "decimal", "RegExp", "string", "boolean", "null"]);
const model = {
  metaData: { version: JSON.parse(readFileSync(join(PACKAGES, "vscode-languageserver-protocol/package.json"))).version },
  requests: [],
  notifications: [],
  structures: [],
  enumerations: [],
  typeAliases: [],
};

function fail(node, what) {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  throw new Error(`${file.fileName}:${line + 1}: ${what}: ${node.getText()}`);
}

// The type parameters of what is being read.
let parameters = new Set();

const base = (name) => ({ kind: "base", name });
const reference = (name) => ({ kind: "reference", name });

function type(node) {
  switch (node.kind) {
    case ts.SyntaxKind.StringKeyword:
      return base("string");
    case ts.SyntaxKind.BooleanKeyword:
      return base("boolean");
    case ts.SyntaxKind.NumberKeyword:
      return base("decimal");
    case ts.SyntaxKind.AnyKeyword:
    case ts.SyntaxKind.UnknownKeyword:
      return reference("LSPAny");
    case ts.SyntaxKind.ObjectKeyword:
      return reference("LSPObject");
    case ts.SyntaxKind.VoidKeyword:
      return base("null");
    case ts.SyntaxKind.NeverKeyword:
      return undefined;
  }
  if (ts.isParenthesizedTypeNode(node)) return type(node.type);
  if (ts.isTypeOperatorNode(node)) return type(node.type);
  if (ts.isArrayTypeNode(node)) return { kind: "array", element: type(node.elementType) };
  if (ts.isTupleTypeNode(node)) return { kind: "tuple", items: node.elements.map((e) => type(e.type && ts.isNamedTupleMember(e) ? e.type : e)) };
  if (ts.isUnionTypeNode(node)) return { kind: "or", items: node.types.map(type) };
  if (ts.isIntersectionTypeNode(node)) return { kind: "and", items: node.types.map(type) };
  if (ts.isTypeLiteralNode(node)) return literal(node);
  if (ts.isLiteralTypeNode(node)) {
    const of = node.literal;
    if (of.kind === ts.SyntaxKind.NullKeyword) return base("null");
    if (of.kind === ts.SyntaxKind.TrueKeyword) return { kind: "booleanLiteral", value: true };
    if (of.kind === ts.SyntaxKind.FalseKeyword) return { kind: "booleanLiteral", value: false };
    if (ts.isStringLiteral(of)) return { kind: "stringLiteral", value: of.text };
    if (ts.isNumericLiteral(of) || ts.isPrefixUnaryExpression(of)) return { kind: "integerLiteral", value: Number(of.getText()) };
  }
  if (ts.isTypeReferenceNode(node)) {
    // `typeof` values and `DocumentDiagnosticReportKind.Full` are members of an enumeration.
    if (ts.isQualifiedName(node.typeName)) return member(node, node.typeName.left.getText(), node.typeName.right.text);
    const name = node.typeName.text;
    if (parameters.has(name)) return reference("LSPAny");
    if (name === "Array") return { kind: "array", element: type(node.typeArguments[0]) };
    return BASE.has(name) ? base(name) : reference(name);
  }
  if (ts.isTypeQueryNode(node) && ts.isQualifiedName(node.exprName)) {
    return member(node, node.exprName.left.getText(), node.exprName.right.text);
  }
  return fail(node, "a type in a form that is not known");
}

function member(node, of, name) {
  const value = protocol[of]?.[name];
  if (typeof value === "string") return { kind: "stringLiteral", value };
  if (typeof value === "number") return { kind: "integerLiteral", value };
  return fail(node, "no such member");
}

function properties(members) {
  return members.filter(ts.isPropertySignature).map((property) => ({
    name: property.name.text,
    type: type(property.type),
    ...(property.questionToken ? { optional: true } : {}),
  }));
}

function literal(node) {
  const index = node.members.find(ts.isIndexSignatureDeclaration);
  if (!index) return { kind: "literal", value: { properties: properties(node.members) } };
  if (node.members.length > 1) fail(node, "a map with properties");
  return { kind: "map", key: type(index.parameters[0].type), value: type(index.type) };
}

// The types that a message is declared with, by the number of them.
const MESSAGES = {
  ProtocolRequestType: (to, [params, result, partial, error, options]) => {
    to.requests.push({ params, result, partialResult: partial, errorData: error, registrationOptions: options });
  },
  ProtocolRequestType0: (to, [result, partial, error, options]) => {
    to.requests.push({ result, partialResult: partial, errorData: error, registrationOptions: options });
  },
  ProtocolNotificationType: (to, [params, options]) => to.notifications.push({ params, registrationOptions: options }),
  ProtocolNotificationType0: (to, [options]) => to.notifications.push({ registrationOptions: options }),
  // Those about progress, which have no registration.
  NotificationType: (to, [params]) => to.notifications.push({ params }),
  // What can be registered and is no message.
  RegistrationType: () => {},
};

function namespace(node) {
  const value = protocol[node.name.text];
  if (typeof value?.messageDirection !== "string") return;
  for (const statement of node.body.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const declaration of statement.declarationList.declarations) {
      if (declaration.name.text !== "type" || !ts.isTypeReferenceNode(declaration.type)) continue;
      const kind = declaration.type.typeName.text;
      const add = MESSAGES[kind] ?? fail(declaration, "a message of a kind that is not known");
      const made = { requests: [], notifications: [] };
      add(made, declaration.type.typeArguments.map(type));
      for (const list of ["requests", "notifications"]) {
        for (const message of made[list]) {
          const method = value.method ?? value.type.method;
          model[list].push({ method, messageDirection: value.messageDirection, ...message });
        }
      }
    }
  }
}

function declared(node) {
  if (ts.isModuleDeclaration(node)) return namespace(node);
  // Without a default it only helps to declare messages.
  if (node.typeParameters?.some((parameter) => !parameter.default)) return;
  parameters = new Set(node.typeParameters?.map((parameter) => parameter.name.text));
  const name = node.name?.text;
  if (ts.isInterfaceDeclaration(node)) {
    const bases = node.heritageClauses?.flatMap((clause) => clause.types) ?? [];
    // One with methods is none of the messages' types.
    if (node.members.some(ts.isMethodSignature)) return;
    const open = node.members.some(ts.isIndexSignatureDeclaration) ? { open: true } : {};
    model.structures.push({
      name,
      extends: bases.map((b) => reference(b.expression.getText())),
      properties: properties(node.members),
      ...open,
    });
  } else if (ts.isEnumDeclaration(node)) {
    const values = Object.entries(protocol[name]).map(([key, value]) => ({ name: key, value }));
    model.enumerations.push({ name, type: base("string"), values, supportsCustomValues: true });
  } else if (ts.isTypeAliasDeclaration(node) && !BASE.has(name)) {
    model.typeAliases.push({ name, type: type(node.type) });
  }
}

function read(path) {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  file.statements.forEach(function visit(node) {
    const exported = node.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword);
    if (exported || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) declared(node);
  });
}

const folder = join(PACKAGES, "vscode-languageserver-protocol/lib/common");
for (const file of readdirSync(folder).filter((name) => /^protocol\..*d\.ts$/.test(name)).sort()) read(join(folder, file));
read(join(folder, "api.d.ts"));
read(join(PACKAGES, "vscode-languageserver-types/lib/umd/main.d.ts"));

// What comes with the transport, below the protocol's own package.
const id = { kind: "or", items: [base("integer"), base("string")] };
const added = (method, messageDirection, properties) =>
  model.notifications.push({ method, messageDirection, params: { kind: "literal", value: { properties } } });
const values = ["off", "messages", "compact", "verbose"].map((value) => ({ kind: "stringLiteral", value }));
model.typeAliases.push({ name: "TraceValue", type: { kind: "or", items: values } });
if (!model.typeAliases.some(({ name }) => name === "ProgressToken")) model.typeAliases.push({ name: "ProgressToken", type: id });
added("$/cancelRequest", "both", [{ name: "id", type: id }]);
added("$/progress", "both", [
  { name: "token", type: reference("ProgressToken") },
  { name: "value", type: reference("LSPAny") },
]);
added("$/setTrace", "clientToServer", [{ name: "value", type: reference("TraceValue") }]);
added("$/logTrace", "serverToClient", [
  { name: "message", type: base("string") },
  { name: "verbose", type: base("string"), optional: true },
]);
console.log(JSON.stringify(model));
