//! Around every page: the document, the door, the header, and the keys that work everywhere.

mod confirm;
#[cfg(feature = "ssr")]
mod document;
mod header;
mod inside;
mod keys;
mod more;
mod palette;
mod palette_acts;
mod preferences;
mod title;

pub use confirm::confirm_form;
#[cfg(feature = "ssr")]
pub use document::document;
pub use inside::{Inside, Outside, within};
pub use palette::search;
pub use preferences::Preferences;
pub use title::title;

use crate::{api::load::Carried, browser, parts};
use leptos::prelude::SharedValue;
use model::{Timestamp, Visitor};

/// The visitor as the server saw them, the same on both sides, the page's clock and its looks.
pub fn share_visitor() -> Visitor {
    let shared =
        SharedValue::<(Visitor, Timestamp), Carried>::new_with_encoding(|| (seen_visitor(), browser::now()));
    let (visitor, now) = shared.into_inner();
    parts::provide_now(now);
    preferences::provide_preferring(&visitor);
    visitor
}

#[cfg(feature = "ssr")]
fn seen_visitor() -> Visitor {
    // While the routes are being listed there is no request, and so nobody.
    crate::api::port::backend().map(|backend| backend.visitor()).unwrap_or_default()
}

/// The browser is always told.
#[cfg(not(feature = "ssr"))]
fn seen_visitor() -> Visitor {
    Visitor::default()
}
