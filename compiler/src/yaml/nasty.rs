//! Strings for the tests of the emitter.

/// Strings on which some reader or writer of YAML has failed.
#[rustfmt::skip]
pub(super) fn nasty() -> Vec<String> {
    let fixed = [
        // Words with a meaning in some version.
        "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
        "true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "null", "Null", "NULL", "nUll", "~", "nil",
        "none", "None", "undefined", "nan", "NaN", ".nan", ".NaN", ".NAN", "inf", "Inf", ".inf", ".Inf", ".INF",
        "-.inf", "+.inf", "infinity", "Infinity", "-Infinity", "=", "<<", "<", "!", "!!", "!!str", "!x y",
        // Numbers in some version.
        "0", "1", "-1", "+1", "00", "01", "007", "0644", "089", "0o17", "0O17", "0x1F", "0X1f", "0b11", "0B11",
        "1_000", "1__0", "_1", "1_", "1.0", "1.", ".5", "-.5", "+.5", ".", "..", "1e3", "1E3", "1e+3", "1.5e-3",
        "1e", "e1", "1e1e1", "0e0", "123456789012345678901234567890", "9223372036854775807",
        "9223372036854775808", "-9223372036854775809", "1:30", "190:20:30", "1:30:00.5", "12:30", "0x", "0b", "0o",
        "1,000", "1.2.3", "7.4", "7.10", "2.34.3", "v1", "1a", "0xg", "1d", "10m", "256Mi", "1Gi", "500m", "12h",
        // Dates.
        "2001-12-14", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "2026-01-31T00:00:00Z",
        "20260131", "2001-1-1",
        // Indicators.
        "-", "- ", "- a", "-a", "--", "---", "--- ", "--- a", "...", "... ", "?", "? ", "? a", "?a", ":", ": ",
        ": a", ":a", "a:", "a: ", "a: b", "a:b", "a :b", "a : b", ",", ", a", "[", "]", "[]", "[a]", "{", "}",
        "{}", "{a: b}", "#", "# a", "a#", "a #", "a # b", "&", "&a", "&a b", "*", "*a", "|", "|-", "|+", "| a",
        ">", ">-", "%", "%YAML 1.2", "%TAG", "@", "@a", "`", "`a`", "'", "''", "'a'", "a'b", "\"", "\"\"",
        "\"a\"", "a\"b", "\\", "\\n", "\\x41", "a\\", "a\\\nb", "\\\"", "$", "${a}", "${", "{{ .Values.x }}",
        // White space.
        "", " ", "  ", " a", "a ", " a ", "\t", "\ta", "a\t", "a\tb", "\n", "\n\n", "\na", "a\n", "a\n\n", "a\nb",
        "a\nb\n", "a\nb\n\n", "a\n\nb", "a\n\n\nb\n", " a\nb", "a\n b", "a\n  b\n c\n", "a \nb", "a\n\tb\n", "\ta\nb",
        "a\t\nb", "a\nb ", "a\r\nb", "a\rb", "\r", "a\n ", "a\n \nb", "\n a", "a\n\n b\n", "#a\n#b\n", "- a\n- b\n",
        "a: 1\nb: 2\n", "---\na\n", "a\n---\n", "...\n", "a\n...\nb\n", "%a\nb\n", "? a\n: b\n", "{\n}\n", "'a\nb'",
        "\"a\nb\"", "|\na\n", "a\n# b\n", "if true; then\n\techo hi\nfi\n", "key: |\n  a\n",
        // Unicode and control characters.
        "é", "ü\nö\n", "日本語", "日本\n語", "😀", "😀\n😀\n", "\u{0}", "a\u{0}b", "\u{1}", "\u{7}", "\u{8}",
        "\u{b}", "\u{c}", "\u{1b}[31m", "\u{7f}", "\u{80}", "\u{85}", "a\u{85}b", "\u{9f}", "\u{a0}", "\u{a0}a",
        "a\u{a0}", "\u{ad}", "\u{200b}", "\u{200e}", "\u{2028}", "a\u{2028}b", "\u{2029}", "\u{202e}x", "\u{2060}",
        "\u{d7ff}", "\u{e000}", "\u{feff}", "\u{feff}a", "a\u{feff}", "\u{fffd}", "\u{fffe}", "\u{ffff}", "\u{10000}",
        "\u{1f600}\u{fe0f}", "\u{10ffff}", "a\n\u{2028}\nb", "e\u{301}", "\u{3000}", "\u{3000}\na",
        // Shapes from real manifests.
        "nginx:1.25", "registry.example.com:5000/a/b@sha256:0f", "https://example.com/?a=b&c=d#e", "*/5 * * * *",
        "@daily", "0 0 * * *", "10.0.0.0/8", "::1", "fe80::1", "1.2.3.4", "a=b", "a,b", "--flag=value",
        "-c", "sh -c 'echo \"$X\"'", "app.kubernetes.io/name", "metadata.labels['app']", "*.example.com", "!ok",
        "%p", "50%", "#channel", "C:\\dir", "a/b", "/", "/a b", "/healthz", "0.5", "100%", "<none>", "e", "E",
        "0e", ".e1", "+", "+a", "=a", "^", "~a", "~/x", "\u{fe0f}",
    ];
    let mut all: Vec<String> = fixed.iter().map(ToString::to_string).collect();
    all.extend(["x".repeat(200), "x".repeat(201), "x".repeat(1100), "k ".repeat(600), "long word ".repeat(300)]);
    all.extend([format!("{}\n{}", "w ".repeat(200) + "e", "z".repeat(300)), "\\".repeat(900), "é".repeat(700)]);
    all
}
