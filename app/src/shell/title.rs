//! The title of every page.

const PROGRAM: &str = "Routewarden";

/// A page's title with the program's name. The server writes it into the document as it stands here, so that its signs
/// are escaped there: it may name a device, and people call those as they like.
pub fn title(page: String) -> String {
    let title = if page.is_empty() { PROGRAM.to_owned() } else { format!("{page} · {PROGRAM}") };
    if cfg!(target_arch = "wasm32") { title } else { title.replace('&', "&amp;").replace('<', "&lt;") }
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn a_name_stays_within_the_title_and_is_no_entity_in_it() {
        assert_eq!(title(String::new()), "Routewarden");
        assert_eq!(title("Alerts".to_owned()), "Alerts · Routewarden");
        let evil = "</title><svg onload=x> &lt;b&gt;".to_owned();
        assert_eq!(title(evil), "&lt;/title>&lt;svg onload=x> &amp;lt;b&amp;gt; · Routewarden");
    }
}
