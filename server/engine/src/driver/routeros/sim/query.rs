//! Which rows a print gives: RouterOS's stack of query words, and `.proplist`.

use super::columns::Columns;
use super::sentence::Asked;

/// The rows asked for, with the columns asked for.
pub(super) fn select(rows: Vec<Columns>, asked: &Asked) -> Vec<Columns> {
    let names: Option<Vec<&str>> = asked.attribute(".proplist").map(|list| list.split(',').collect());
    rows.into_iter()
        .filter(|row| asked.attribute(".id").is_none_or(|id| row.value(".id") == Some(id)))
        .filter(|row| matches(row, &asked.queries))
        .map(|row| match &names {
            Some(names) => row.only(names),
            None => row,
        })
        .collect()
}

/// Every query word pushes a verdict, operators combine them; what is left must all be true.
fn matches(row: &Columns, queries: &[String]) -> bool {
    let mut stack = Vec::new();
    for query in queries {
        match query.strip_prefix('#') {
            Some(operators) => operators.chars().for_each(|operator| combine(&mut stack, operator)),
            None => stack.push(verdict(row, query)),
        }
    }
    stack.into_iter().all(|verdict| verdict)
}

fn verdict(row: &Columns, query: &str) -> bool {
    if let Some(name) = query.strip_prefix('-') {
        return row.value(name).is_none();
    }
    for (sign, wanted) in [('>', std::cmp::Ordering::Greater), ('<', std::cmp::Ordering::Less)] {
        if let Some((name, value)) = query.strip_prefix(sign).and_then(|rest| rest.split_once('=')) {
            return row.value(name).is_some_and(|own| compare(own, value) == wanted);
        }
    }
    let query = query.strip_prefix('=').unwrap_or(query);
    match query.split_once('=') {
        Some((name, value)) => row.value(name).is_some_and(|own| is_same(own, value)),
        None => row.value(query).is_some(),
    }
}

/// A router says `true` and also understands `yes`.
fn is_same(own: &str, value: &str) -> bool {
    own == value || matches!((own, value), ("true", "yes") | ("false", "no"))
}

fn compare(own: &str, value: &str) -> std::cmp::Ordering {
    let number = |text: &str| match text.strip_prefix('*') {
        // An id, such as `*1A`.
        Some(digits) => i64::from_str_radix(digits, 16),
        None => text.parse::<i64>(),
    };
    match (number(own), number(value)) {
        (Ok(own), Ok(value)) => own.cmp(&value),
        _ => own.cmp(value),
    }
}

fn combine(stack: &mut Vec<bool>, operator: char) {
    match operator {
        '!' => {
            if let Some(top) = stack.last_mut() {
                *top = !*top;
            }
        }
        '&' | '|' => {
            if let (Some(a), Some(b)) = (stack.pop(), stack.pop()) {
                stack.push(if operator == '&' { a && b } else { a || b });
            }
        }
        _ => {}
    }
}
