//! Answers that are files: their name, and rows that a spreadsheet may open.

use crate::web::error::Failure;
use app::api::ApiError;
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

pub const CSV: &str = "text/csv; charset=utf-8";

/// `body` as a file; what is odd in its name becomes `_`.
pub fn attached(body: Body, kind: &'static str, name: &str) -> Response {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// One row of CSV.
pub fn line(cells: &[String]) -> Result<Bytes, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(|_| Failure::from(ApiError::Internal))?;
    Ok(writer.into_inner().unwrap_or_default().into())
}

/// What others wrote, such as a router the names of its interfaces: a spreadsheet computes what begins like a formula.
pub fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let told = ["=1+1", "+1", "-1", "@x", "\tx", "\0=1", "ether1", ""].map(harmless);
        assert_eq!(told, ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\0=1", "ether1", ""]);
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let response = attached(Body::empty(), CSV, "a\"; b/ж\r\n.csv");
        let told = response.headers().get(header::CONTENT_DISPOSITION).unwrap();
        assert_eq!(told, "attachment; filename=\"a___b____.csv\"");
    }
}
