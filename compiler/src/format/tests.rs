use super::*;
use crate::syntax::ast;

const TASTE: &str = include_str!("../syntax/taste.tess");

/// The abstract syntax without its places.
fn meaning(text: &str) -> String {
    let parsed = syntax::parse(FileId(0), text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    let module = ast::Module { allows: Vec::new(), ..ast::Module::clone(&parsed.module) };
    let shown = format!("{module:?}");
    let mut out = String::new();
    let mut rest = shown.as_str();
    // A place is printed as `0:12..34`.
    while let Some(at) = rest.find("0:") {
        let (before, after) = rest.split_at(at);
        let len = after.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(after.len());
        out.push_str(before);
        if !after[..len].contains("..") {
            out.push_str(&after[..len]);
        }
        rest = &after[len..];
    }
    out + rest
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let formatted = format(text).unwrap();
    assert_eq!(formatted, expected);
    assert_eq!(format(&formatted).unwrap(), formatted, "idempotent");
    assert_eq!(meaning(text), meaning(&formatted));
}

#[test]
fn the_taste_is_in_the_style() {
    check(TASTE, TASTE);
    check(&TASTE.replace('\n', "\r\n"), TASTE);
}

#[test]
fn lines_and_blanks() {
    check("\u{FEFF}\n\nlet  a=1\n\n\n\nlet b = 2", "let a = 1\n\nlet b = 2\n");
    check("let a={b:1,c : [1,2 , -3],d:-1 , e:a-b}\n", "let a = { b: 1, c: [1, 2, -3], d: -1, e: a-b }\n");
    check("let a = {\nb: 1, c: {}\n\n\nd: [\n]\n\n}\n", "let a = {\n  b: 1\n  c: {}\n\n  d: []\n}\n");
    check("let a = b\n   + c\n      .d\n", "let a = b\n  + c\n  .d\n");
    check("let a = f( b ,c: 1 )[ 0 ] . d .? e\n", "let a = f(b, c: 1)[0].d?.e\n");
    check("let a = f(\nb, c\n)\n", "let a = f(\n  b,\n  c\n)\n");
    check("let a = x?y:!z ?? [?w, ...v]\n", "let a = x ? y : !z ?? [?w, ...v]\n");
    check("let a = [ {\n b: 1 } ]\n", "let a = [{\n  b: 1\n}]\n");
}

#[test]
fn strings_get_the_usual_quotes() {
    check("let a = 'b \\' \" ${c}'\n", "let a = \"b ' \\\" \\${c}\"\n");
    check("let a = r'b\\' + b'x' + '''y'''\n", "let a = r\"b\\\" + b\"x\" + '''y'''\n");
    check("let a = \"x${  f( {a:1}.a ) }y\"\n", "let a = \"x${f({ a: 1 }.a)}y\"\n");
    check("let a = {\n b: \"\"\"\n      x\n    \"\"\"\n}\n", "let a = {\n  b: \"\"\"\n      x\n    \"\"\"\n}\n");
}

#[test]
fn comments_stay() {
    check(
        "let a = { // one\n // two\n b: 1 // three\n // four\n}\n",
        "let a = { // one\n  // two\n  b: 1 // three\n  // four\n}\n",
    );
    check("// top\n\n\nlet a = b // why\n + c /* d */ + e\n", "// top\n\nlet a = b // why\n  + c /* d */ + e\n");
    check("let a = [ /* x */ 1, 2 ]\n", "let a = [ /* x */\n  1\n  2\n]\n");
    check("let a = 1 // end", "let a = 1 // end\n");
    check("let a = f(b, // one\n c)\n", "let a = f(\n  b, // one\n  c\n)\n");
}

#[test]
fn long_lines_of_entries_are_broken_from_outside() {
    let word = "abcdefghi ".trim_end();
    let long = format!("let a = {{ b: {{ {word}: 1 }}, {} }}\n", vec![format!("{word}: 1"); 9].join(", "));
    let expected = format!("let a = {{\n  b: {{ {word}: 1 }}\n{}}}\n", format!("  {word}: 1\n").repeat(9));
    check(&long, &expected);
    let call = format!("let a = f({{ {} }})\n", vec![format!("{word}: 1"); 9].join(", "));
    check(&call, &format!("let a = f({{\n{}}})\n", format!("  {word}: 1\n").repeat(9)));
}

#[test]
fn a_body_after_lines_of_modifiers_is_no_deeper() {
    let written = "resource a: v1/ConfigMap\n  protect // why\n  retain {\n data: {\n x: y } }\n";
    let style = "resource a: v1/ConfigMap\n  protect // why\n  retain\n{\n  data: {\n    x: y\n  }\n}\n";
    check(written, style);
    check(style, style);
    check(&written.replace("resource", "external"), &style.replace("resource", "external"));
    check("resource a: v1/ConfigMap retain\n{ data: {} }\n", "resource a: v1/ConfigMap retain { data: {} }\n");
}

#[test]
fn declarations() {
    check(
        "type  A=\n | \"a\"|\"b\"\ntype B = {String:Int}\ntype C = { a?:[T?],b : Secret< T >=1 }\n",
        "type A =\n  | \"a\" | \"b\"\ntype B = {String: Int}\ntype C = { a?: [T?], b: Secret<T> = 1 }\n",
    );
    check(
        "fn f(a:A,b:B=1)->C{\nlet d=a\nd }\nuse a.b.{N,M as O}\nprivate let x = match a { \"b\"|\"cc\"=>1\n_=>2\n}\n",
        "fn f(a: A, b: B = 1) -> C {\n  let d = a\n  d\n}\nuse a.b.{ N, M as O }\n\
         private let x = match a {\n  \"b\" | \"cc\" => 1\n  _          => 2\n}\n",
    );
    check(
        "composite A:a/v1{\nresource r:raw a/v1/B\nafter x,y\nprotect\n{ a: 1 }\nif x{\nready when y\n}\nelse{\n}\n}\nA n in m{}\n",
        "composite A: a/v1 {\n  resource r: raw a/v1/B\n    after x, y\n    protect { a: 1 }\n  if x {\n    ready when y\n  } else {}\n}\nA n in m {}\n",
    );
}

#[test]
fn files_with_errors_are_left_alone() {
    assert_eq!(format("let a = {\n").unwrap_err().len(), 1);
}

/// A small generator of numbers, so that a failure can be run again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

const ROUNDS: usize = 300;

/// A text of all forms, on which the mutations below work.
const FORMS: &str = "use a.b.{ N, M as O } // c\nuse \"./x.tess\" as x\n/// D\ntype A = { a: [T?], /// F\n b?: Secret<T> = 1, c: {String: Int} } | \"x\" where it >= 1 else \"m\"\n\
    fn f(a: A, b: B = 1) -> C { let d = if a then [1, ...b, ?c, if d { e } else if g { h } else { i }, for x in y { x }] else 2\n d }\n\
    let m = match x { \"a\" | 'b' => { c: 1 }, -1 => -2, _ => (a ?? b).c[?d] ? e : f(g, h: !i) }\n\
    composite K: g/v1 { param p: Int? = 1\n for k, v in m by k { if a.b == 1 { resource r: raw a/v1/B after x, y ready when z retain { if a { b: 1 } else { c: 2 }, ?d: e, (f): g, 'h': i, for j in k { (j): 1 } } } else { lease l { warn: [1h] } } }\n\
    notify s(t) on ready, x\n require a in [1] && b else \"c${ d }e\"\n external e: v1/Pod = f() }\nK n in m { a: raw { b: 1 }, c: \"\"\"\n  x ${y}\n  \"\"\", d }\n";

#[test]
fn mutated_layouts_keep_their_meaning() {
    let pieces = [
        " ", "\n", "\n\n\n", " // c\n", "/* d */", "  ", "\t", ",", "/// e\n", "\r\n", "(", ")", "-", "\n-", ".x",
        "\n.x", "[", "]",
    ];
    let (mut numbers, mut formatted) = (Numbers(11), 0);
    for text in [TASTE, FORMS] {
        for _ in 0..ROUNDS {
            let mut mutated = text.to_owned();
            for _ in 0..=numbers.below(5) {
                let from = numbers.below(mutated.len());
                let at = mutated[from..].find([' ', '\n', ',', '(', ')', '{', '}']).map_or(from, |i| from + i);
                if mutated.is_char_boundary(at) {
                    mutated.insert_str(at, pieces[numbers.below(pieces.len())]);
                }
            }
            let Ok(first) = format(&mutated) else { continue };
            formatted += 1;
            assert_eq!(meaning(&mutated), meaning(&first), "{mutated}\n-----\n{first}");
            assert_eq!(format(&first).unwrap(), first, "{mutated}");
            let comments = |text: &str| text.matches("// c").count() + text.matches("/* d */").count();
            assert_eq!(comments(&mutated), comments(&first), "{mutated}\n-----\n{first}");
        }
    }
    assert!(formatted > ROUNDS / 8, "{formatted}");
}
