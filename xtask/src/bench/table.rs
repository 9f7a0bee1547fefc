//! How the report writes numbers and tables.

use serde_json::Value;

use super::report::number;

/// As it is, without quotes; a dash for what was not measured.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// With so many digits after the point.
pub fn fixed(value: &Value, digits: usize) -> String {
    number(value).map_or_else(|| "-".into(), |value| format!("{value:.digits$}"))
}

/// How many times as much.
pub fn times(value: &Value) -> String {
    number(value).map_or_else(|| "-".into(), |value| format!("{value:.2} x"))
}

/// In whole units of so much.
pub fn scaled(value: &Value, unit: f64) -> String {
    number(value).map_or_else(|| "-".into(), |value| format!("{:.0}", value / unit))
}

/// 450, 1.25, but 3.0 for 3.
pub fn short(value: &Value) -> String {
    number(value).map_or_else(
        || "-".into(),
        |value| match value {
            value if value >= 100.0 => format!("{value:.0}"),
            value if (value * 10.0).fract() == 0.0 => format!("{value:.1}"),
            value => format!("{value:.2}"),
        },
    )
}

/// As Markdown, with columns as wide as what stands in them.
pub fn table(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let mut text = String::new();
    for (i, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(&widths);
        let cells = cells.map(|(cell, &width)| format!("{cell:<width$}"));
        text += &format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
        if i == 0 {
            let rules = widths.iter().map(|&width| "-".repeat(width + 2));
            text += &format!("|{}|\n", rules.collect::<Vec<_>>().join("|"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up() {
        let line = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let text = table(&[line(["a", "b"]), line(["long name", "1.5"])]);
        assert_eq!(
            text,
            "| a         | b   |\n|-----------|-----|\n| long name | 1.5 |\n"
        );
    }
}
