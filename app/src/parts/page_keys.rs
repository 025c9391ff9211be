//! The keys that a page has of its own, for the card that lists them: the page says them, the card finds them.

use leptos::prelude::*;

/// What stands on a key, and what it does.
pub type KeyHelp = (&'static str, String);

/// A line of a list of keys.
pub fn key_row((key, what): KeyHelp) -> impl IntoView {
    view! {
        <div>
            <dt>
                <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
        </div>
    }
}

/// Those of one page.
struct OfPage {
    number: u32,
    keys: Vec<KeyHelp>,
    /// A line below them.
    note: Option<&'static str>,
}

/// The pages that are shown: of two the later one counts, for the next may come before the last one went. The card is
/// made anew each time it opens, so nobody has to be told of a change.
#[derive(Clone, Copy)]
pub struct PageKeys(StoredValue<Vec<OfPage>>);

pub fn provide_page_keys() -> PageKeys {
    let all = PageKeys(StoredValue::new(Vec::new()));
    provide_context(all);
    all
}

/// Lists them while the page, or the part of it that hears them, is shown.
pub fn offer_keys(keys: Vec<KeyHelp>, note: Option<&'static str>) {
    let Some(PageKeys(pages)) = use_context() else { return };
    let mut number = 0;
    pages.update_value(|pages| {
        number = pages.last().map_or(0, |page| page.number + 1);
        pages.push(OfPage { number, keys, note });
    });
    // The card may have gone with the page.
    on_cleanup(move || {
        let _gone = pages.try_update_value(|pages| pages.retain(|page| page.number != number));
    });
}

impl PageKeys {
    /// The keys of the page that is shown, and the line below them.
    pub fn now(self) -> (Vec<KeyHelp>, Option<&'static str>) {
        let now = |pages: &Vec<OfPage>| pages.last().map(|page| (page.keys.clone(), page.note));
        self.0.with_value(now).unwrap_or_default()
    }
}
