use super::*;

const TASTE: &str = include_str!("taste.tess");

fn print_back(text: &str) -> Parse {
    let parsed = parse(FileId(0), text);
    let joined: String = parsed.tree.leaves().map(|id| parsed.tree.text(id, text)).collect();
    assert_eq!(joined, text);
    parsed
}

#[test]
fn the_taste_is_read() {
    let parsed = print_back(TASTE);
    for d in &parsed.diagnostics {
        let line = TASTE[..d.primary.span.start as usize].lines().count();
        println!("{line}: {} {:?}", d.message, d.primary.span.text(TASTE));
    }
    assert_eq!(parsed.diagnostics, []);
}
