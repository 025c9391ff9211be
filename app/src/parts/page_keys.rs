//! The keys that a page has of its own, for the card that lists them: the page says them, the card finds them.

use leptos::prelude::*;

/// What stands on a key, and what it does.
pub type KeyHelp = (&'static str, String);

/// Those of one page.
#[derive(Clone)]
struct OfPage {
    number: u32,
    keys: Vec<KeyHelp>,
    /// A line below them.
    note: Option<&'static str>,
}

/// The pages that are shown: of two the later one counts, for the next may come before the last one went.
#[derive(Clone, Copy)]
pub struct PageKeys {
    pages: RwSignal<Vec<OfPage>>,
    last: StoredValue<u32>,
}

pub fn provide_page_keys() -> PageKeys {
    let all = PageKeys { pages: RwSignal::new(Vec::new()), last: StoredValue::new(0) };
    provide_context(all);
    all
}

/// Lists them while the page, or the part of it that hears them, is shown.
pub fn offer_keys(keys: Vec<KeyHelp>, note: Option<&'static str>) {
    let Some(PageKeys { pages, last }) = use_context() else { return };
    let number = last.get_value() + 1;
    last.set_value(number);
    Effect::new(move |_| {
        let page = OfPage { number, keys: keys.clone(), note };
        pages.update(|pages| {
            pages.retain(|page| page.number != number);
            pages.push(page);
        });
    });
    on_cleanup(move || {
        // The card may have gone with the page.
        pages.try_update(|pages| pages.retain(|page| page.number != number));
    });
}

impl PageKeys {
    /// The keys of the page that is shown, and the line below them.
    pub fn now(self) -> (Vec<KeyHelp>, Option<&'static str>) {
        let now = |pages: &Vec<OfPage>| pages.last().map(|page| (page.keys.clone(), page.note));
        self.pages.with(now).unwrap_or_default()
    }
}
