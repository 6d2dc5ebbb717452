use super::*;
use ast::{DeclKind, Entry, ExprKind, Item};

const TASTE: &str = include_str!("taste.tess");

fn print_back(text: &str) -> Parse {
    let parsed = parse(FileId(0), text);
    let joined: String = parsed.tree.leaves().map(|id| parsed.tree.text(id, text)).collect();
    assert_eq!(joined, text);
    for diagnostic in &parsed.diagnostics {
        assert!(diagnostic.primary.span.end as usize <= text.len(), "{diagnostic:?}");
        assert!(text.is_char_boundary(diagnostic.primary.span.start as usize), "{diagnostic:?}");
    }
    parsed
}

/// The diagnostics as `line:column code`.
fn errors(text: &str) -> Vec<String> {
    let index = crate::source::LineIndex::new(text);
    let parsed = print_back(text);
    let place = |d: &Diagnostic| {
        let at = index.position(text, d.primary.span.start);
        format!("{}:{} {}", at.line, at.column, d.code.id)
    };
    parsed.diagnostics.iter().map(place).collect()
}

/// An expression in a form that shows its grouping.
fn show(text: &str) -> String {
    let (expr, diagnostics) = parse_expression(FileId(0), text);
    assert_eq!(diagnostics, [], "{text}");
    grouped(&expr)
}

fn grouped(expr: &ast::Expr) -> String {
    match &expr.kind {
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Int(n) => n.to_string(),
        ExprKind::String(text) => format!("{text:?}"),
        ExprKind::Suffixed(text) => text.to_string(),
        ExprKind::Unary(op, a) => format!("({op:?} {})", grouped(a)),
        ExprKind::Binary(op, _, a, b) => format!("({} {} {})", grouped(a), op.symbol(), grouped(b)),
        ExprKind::Cond(c, a, b) => format!("({} ? {} : {})", grouped(c), grouped(a), grouped(b)),
        ExprKind::Field { base, name, optional } => {
            format!("{}{}{}", grouped(base), if *optional { "?." } else { "." }, name.name)
        }
        ExprKind::Index { base, index, optional } => {
            format!("{}[{}{}]", grouped(base), if *optional { "?" } else { "" }, grouped(index))
        }
        ExprKind::Call { callee, args, .. } => {
            let args: Vec<String> = args.iter().map(|a| grouped(&a.value)).collect();
            format!("{}({})", grouped(callee), args.join(", "))
        }
        ExprKind::List(items) => {
            let items: Vec<String> = items.iter().map(item).collect();
            format!("[{}]", items.join(", "))
        }
        other => format!("{other:?}"),
    }
}

fn item(item: &Item) -> String {
    match item {
        Item::Value(value) => grouped(value),
        Item::Optional(value) => format!("?{}", grouped(value)),
        Item::Spread(value, _) => format!("...{}", grouped(value)),
        Item::If { condition, then, otherwise, .. } => {
            let show = |items: &[Item]| items.iter().map(self::item).collect::<Vec<_>>().join(", ");
            format!("if {} {{{}}} {{{}}}", grouped(condition), show(then), show(otherwise))
        }
        Item::For { .. } => "for".to_owned(),
    }
}

#[test]
fn the_taste_is_read() {
    let parsed = print_back(TASTE);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.module.decls.len(), 6);
    let crlf = TASTE.replace('\n', "\r\n");
    assert_eq!(print_back(&crlf).diagnostics, []);
    assert_eq!(print_back(&format!("\u{FEFF}{TASTE}")).diagnostics, []);
    assert_eq!(print_back(&TASTE.replace("  ", "\t")).diagnostics, []);
}

#[test]
fn operators_group_as_in_cel() {
    assert_eq!(show("a + b * c - d"), "((a + (b * c)) - d)");
    assert_eq!(show("a || b && c == d + 1"), "(a || (b && (c == (d + 1))))");
    assert_eq!(show("a ?? b ?? c >= 1"), "((a ?? (b ?? c)) >= 1)");
    assert_eq!(show("a ? b : c ? d : e"), "(a ? b : (c ? d : e))");
    assert_eq!(show("a?b:c"), "(a ? b : c)");
    assert_eq!(show("1-1"), "(1 - 1)");
    assert_eq!(show("a -b"), "(a - b)");
    assert_eq!(show("a-b"), "a-b");
    assert_eq!(show("!a.b && -c[0] < -1"), "((Not a.b) && ((Neg c[0]) < -1))");
    assert_eq!(show("-9223372036854775808"), "-9223372036854775808");
    assert_eq!(show("x in [1, 2]"), "(x in [1, 2])");
    assert_eq!(show("if a then b else if c then d else e"), "(a ? b : (c ? d : e))");
}

#[test]
fn expressions_of_cel_and_ours() {
    assert_eq!(show("a?.b.?c[?d]"), "a?.b?.c[?d]");
    assert_eq!(show(".x.y"), ".x.y");
    assert_eq!(show("cel.bind(x, 1, x + 1)"), "cel.bind(x, 1, (x + 1))");
    assert_eq!(show("[?x, ...y, if c { 1 }]"), "[?x, ...y, if c {1} {}]");
    assert_eq!(show("a.if.for.resource"), "a.if.for.resource");
    assert_eq!(show("raw"), "raw");
    assert_eq!(show("'a\"b' + r'\\n' + \"\\${x}\""), "((\"a\\\"b\" + \"\\\\n\") + \"${x}\")");
    assert_eq!(show("x.`a-b/c`"), "x.a-b/c");
    assert_eq!(show("f(name: 1, 2)"), "f(1, 2)");
}

#[test]
fn lines_go_on_where_the_language_says() {
    assert_eq!(show("(\na\n+b\n-c\n)"), "((a + b) - c)");
    assert_eq!(show("[a\n-2\n- 3]"), "[a, (-2 - 3)]");
    assert_eq!(show("[a +\nb\n+ c]"), "[((a + b) + c)]");
    assert_eq!(show("[a\n.b\n?.c\n? d\n: e]"), "[(a.b?.c ? d : e)]");
    assert_eq!(show("[a\n(b)\n[c]]"), "[a, b, [c]]");
    assert_eq!(show("[if a\nthen b\nelse c]"), "[(a ? b : c)]");
    assert_eq!(show("f(\n  a,\n  b\n)"), "f(a, b)");
}

#[test]
fn strings_nest() {
    let (expr, diagnostics) = parse_expression(FileId(0), "\"a${f(\"b${c}\")}d\"");
    assert_eq!(diagnostics, []);
    let ExprKind::Interpolated(parts) = expr.kind else { panic!("{expr:?}") };
    assert_eq!(parts.len(), 3);
    let (expr, _) = parse_expression(FileId(0), "\"\"\"\n    a ${x}\n      b\n    \"\"\"");
    let ExprKind::Interpolated(parts) = expr.kind else { panic!("{expr:?}") };
    let ast::StringPart::Text(last) = &parts[2] else { panic!("{parts:?}") };
    assert_eq!(last, "\n  b\n");
}

#[test]
fn objects_have_all_entries() {
    let text = "{ app.kubernetes.io/name: a, owner, `b c`: 1, (k): v, ?o: x, if: 2, ...rest, if c { d: 1 } else if e { } else { f: 2 } }";
    let (expr, diagnostics) = parse_expression(FileId(0), text);
    assert_eq!(diagnostics, []);
    let ExprKind::Object(entries) = expr.kind else { panic!("{expr:?}") };
    assert_eq!(entries.len(), 8);
    let Entry::If { otherwise, .. } = &entries[7] else { panic!("{entries:?}") };
    assert!(matches!(otherwise.as_slice(), [Entry::If { otherwise, .. }] if otherwise.len() == 1));
}

#[test]
fn documentation_and_suppressions_are_found() {
    let text = "/// One.\n/// Two.\nlet a = 1 // allow(W0801): mine\n// allow(W0802, W0803): why\n\n// more\nlet b = { /// no\n  /// Field.\n  c: 1 }\n";
    let module = print_back(text).module;
    assert_eq!(module.decls[0].doc.as_deref(), Some("One.\nTwo."));
    let DeclKind::Let(b) = &module.decls[1].kind else { panic!() };
    let ExprKind::Object(entries) = &b.value.kind else { panic!() };
    assert!(matches!(&entries[0], Entry::Field { doc: Some(doc), .. } if doc == "Field."));
    let allows: Vec<_> = module.allows.iter().map(|a| (a.codes.len(), &*a.reason, a.target.text(text))).collect();
    assert_eq!(allows[0], (1, "mine", "let a = 1 // allow(W0801): mine"));
    assert_eq!(allows[1], (2, "why", "let b = { /// no"));
    assert_eq!(module.allows[1].codes[1].span.text(text), "W0803");
}

#[test]
fn types_are_read() {
    let text = "type A = \"a\"\n  | \"b\"\ntype B = { a: [T?], b?: Secret<T>, c: {String: Int} = {}, d: core/v1/Container }\n\
                type C = Duration where it >= 15m && it <= 72h else \"no\"\n";
    let parsed = print_back(text);
    assert_eq!(parsed.diagnostics, []);
    let shown = format!("{:?}", parsed.module.decls);
    for part in ["Union(", "Optional(", "Generic(", "Map(", "Kind(\"core/v1/Container\")", "Refined {"] {
        assert!(shown.contains(part), "{part}");
    }
}

#[test]
fn instances_take_any_name() {
    let text = "K tenantABC-eu-west { }\nbase.K \"x y\" in payments { a: 1 }\n";
    let module = print_back(text).module;
    let names: Vec<_> = module.decls.iter().map(|d| format!("{:?}", d.kind)).collect();
    assert!(names[0].contains("tenantABC-eu-west"), "{names:?}");
    assert!(names[1].contains("\"x y\"") && names[1].contains("payments"), "{names:?}");
}

#[test]
fn every_error_of_a_file_is_found_once() {
    let text = "compsite X: a.b/v1 {\n  parm x: Int\n  param y Int\n  resorce r: apps/v1/Deployment {\n    a = 1\n    \
                b: 1;\n    c: 1 d: 2\n    e:\n      f: 1\n    g: [if t { port: 1 }]\n    h: \"x }\n  }\n  ready x\n}\n\
                policy p {\n  x y z\n}\n";
    let expected = [
        "1:1 E0104",
        "2:3 E0104",
        "3:11 E0101",
        "4:3 E0104",
        "5:7 E0101",
        "6:9 E0101",
        "7:10 E0101",
        "8:7 E0101",
        "10:16 E0107",
        "11:8 E0103",
        "13:9 E0101",
        "15:1 E0108",
    ];
    assert_eq!(errors(text), expected);
}

#[test]
fn a_missing_brace_is_blamed_where_it_was_opened() {
    let text = "composite A: a/v1 {\n  resource x: v1/ConfigMap {\n    data: {\n      a: \"b\"\n  }\n\n  param y: Int\n}\n\
                composite B: a/v1 {\n  param z: Int\n}\n";
    assert_eq!(errors(text), ["3:11 E0102"]);
    assert_eq!(print_back(text).module.decls.len(), 2);
    assert_eq!(errors("let a = {\n  b: 1\n\nlet c = 2\n"), ["1:9 E0102"]);
    assert_eq!(errors("let a = f(1, 2\nlet b = [1\n"), ["1:10 E0102", "2:9 E0102"]);
    assert_eq!(errors("let a = {\n  b: 1\n  }\n}\n"), ["3:3 E0102"]);
}

#[test]
fn unclosed_strings_end_with_their_line() {
    assert_eq!(errors("let a = \"b\nlet c = 1\n"), ["1:9 E0103"]);
    assert_eq!(errors("let a = \"b${c\nlet c = 1\n"), ["1:11 E0103"]);
    assert_eq!(errors("let a = { b: \"c }\nlet d = 'e\\\n"), ["1:14 E0103", "2:9 E0103"]);
    assert_eq!(errors("let a = \"\"\"\nlet c = {\n"), ["1:9 E0103"]);
}

#[test]
fn characters_that_break_lines_elsewhere_are_refused() {
    assert_eq!(errors("let a = 1\u{2028}let b = 2\n"), ["1:10 E0004"]);
    assert_eq!(errors("let a = \"\u{B}\"\rlet b = 2\n"), ["1:10 E0004", "1:12 E0004"]);
    assert_eq!(errors("let a = 1\0\0\u{1}"), ["1:10 E0004"]);
    assert_eq!(print_back("let a = 1\rlet b = 2").module.decls.len(), 2);
}

#[test]
fn depth_is_bounded() {
    for opener in ["{", "(", "[", "\"${", "[if x {", "{\"${", "match {", "f("] {
        let text = format!("let a = {}", opener.repeat(100_000));
        assert_eq!(print_back(&text).diagnostics.len(), 1, "{opener}");
        let _ = print_back(&format!("let a = {}", opener.repeat(40)));
    }
    for part in ["!", "-", "1 + ", "a ? b : ", "a.", "if a then ", "if a then b else ", "x.y(", "a(1)."] {
        let _ = print_back(&format!("let a = {}", part.repeat(3_000)));
    }
    let _ = print_back(&format!("type A = {}", "Secret<".repeat(100_000)));
    let deep = format!("let a = {}1{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert_eq!(print_back(&deep).diagnostics, []);
    let long = format!("let a = 1{}", " + 1".repeat(10_000));
    assert_eq!(errors(&long), ["1:9 E0005"]);
}

#[test]
fn large_broken_texts_are_read_in_linear_time() {
    for part in [
        "}\n",
        "x y z\n",
        "\"\n",
        "let a = 1a\n",
        "let a = \n",
        ", ",
        "// allow(W0801): x\n",
        "a: b\n",
        "- a\n",
        "\u{2028}",
    ] {
        let text = part.repeat(30_000);
        let parsed = print_back(&text);
        assert!(parsed.diagnostics.len() <= 200, "{part}");
    }
    let _ = print_back(&format!("let a = {{\n{}", "  b\n".repeat(30_000)));
    let _ = print_back(&format!("let a = [{}]\n", "1, ".repeat(30_000)));
}

/// A small generator of numbers, so that a failure can be run again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

#[test]
fn mutated_texts_print_back() {
    let pieces = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "\"\"\"",
        "${",
        "'",
        "`",
        "\n",
        "\\",
        "/*",
        "*/",
        "//",
        "if ",
        "else",
        ":",
        "=",
        "=>",
        ",",
        ";",
        "?",
        "...",
        "match x {",
        "é",
        "\u{2028}",
        "-",
        "<",
        "|",
        "resource ",
        "0x",
        "1e",
        "r\"",
    ];
    let mut numbers = Numbers(7);
    for _ in 0..250 {
        let mut text = TASTE.to_owned();
        for _ in 0..=numbers.below(4) {
            let mut at = numbers.below(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match numbers.below(3) {
                0 => text.insert_str(at, pieces[numbers.below(pieces.len())]),
                1 => text.truncate(at),
                _ => {
                    let len = text[at..].chars().next().map_or(0, char::len_utf8);
                    text.replace_range(at..at + len, "");
                }
            }
            if text.is_empty() {
                break;
            }
        }
        let _ = print_back(&text);
    }
}
