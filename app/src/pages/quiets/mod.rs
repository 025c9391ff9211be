//! Maintenance windows and silences: what runs, what is to come, and what was.

mod editor;
mod end;
mod form;
mod now;
mod row;
mod when;

pub use now::{QuietNow, Target};

use crate::{
    api::{ApiError, load::load, quiets::load_quiets},
    i18n::use_words,
    live::{Link, use_fleet},
    parts::*,
    use_visitor,
};
use end::EndQuiet;
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{Quiet, QuietId, QuietPage};
use std::time::Duration;

/// Those that are over, on one page, as the server answers them.
const PAGE: u64 = 50;
/// What runs out meanwhile is asked for now and then.
const ASK_EVERY: Duration = Duration::from_secs(15);

/// The list, as everything on this page sees it.
#[derive(Clone, Copy)]
struct Quiets {
    page: RwSignal<QuietPage>,
    /// From 1 on.
    number: u64,
    /// Whose dialog is open; nothing for a new one.
    chosen: RwSignal<Option<Quiet>>,
}

impl Quiets {
    fn one(self, id: QuietId) -> Memo<Option<Quiet>> {
        let find = move |page: &QuietPage| page.quiets.iter().find(|quiet| quiet.id == id).cloned();
        Memo::new(move |_| self.page.with(find))
    }

    fn refresh(self) {
        spawn_local(async move {
            if let Ok(page) = load_quiets(offset(self.number)).await {
                self.page.try_set(page);
            }
        });
    }

    fn follow(self) {
        let fleet = use_fleet();
        Effect::new(move |before: Option<()>| {
            fleet.track_alerts();
            if fleet.link() == Link::Live && before.is_some() {
                self.refresh();
            }
        });
        Effect::new(move |_| {
            if let Ok(asking) = set_interval_with_handle(move || self.refresh(), ASK_EVERY) {
                on_cleanup(move || asking.clear());
            }
        });
    }
}

fn offset(number: u64) -> u64 {
    (number - 1).saturating_mul(PAGE)
}

#[component]
pub fn QuietsPage() -> impl IntoView {
    let (words, query) = (use_words(), use_query_map());
    let number = Memo::new(move |_| {
        let page = query.with(|query| query.get_str("page").and_then(|page| page.parse::<u64>().ok()));
        page.unwrap_or(1).max(1)
    });
    let loaded = load(
        move || number.get(),
        |number| async move { Ok::<_, ApiError>((load_quiets(offset(number)).await?, number)) },
    );
    view! {
        <Title text=words.quiets_title() />
        <div class="page quiets">
            {when_loaded(loaded, |answer| match answer {
                Ok((page, number)) => {
                    let quiets = Quiets { page: RwSignal::new(page), number, chosen: RwSignal::new(None) };
                    quiets.follow();
                    list(quiets)
                }
                Err(error) => not_loaded(error),
            })}
        </div>
    }
    .into_any()
}

fn list(quiets: Quiets) -> AnyView {
    let words = use_words();
    let is_admin = use_visitor().is_admin();
    let [editing, ending] = [(); 2].map(|()| RwSignal::new(false));
    let add = move |_| {
        quiets.chosen.set(None);
        editing.set(true);
    };
    let add = is_admin.then(|| {
        view! {
            <Button look=Look::Primary on:click=add>
                <Icon name=IconName::Plus />
                {words.quiet_add()}
            </Button>
        }
    });
    let some = move |part: Part| {
        let ids = move || {
            quiets.page.with(|page| {
                let some = page.quiets.iter().filter(|quiet| Part::of(quiet) == part);
                some.map(|quiet| quiet.id.0).collect::<Vec<_>>()
            })
        };
        let title = match part {
            Part::Runs => words.quiets_now(),
            Part::Planned => words.quiets_planned(),
            Part::Over => words.alerts_over(),
        };
        view! {
            <Show when=move || !ids().is_empty()>
                <section>
                    <h2>{title}</h2>
                    <ol class="list">
                        {each(ids, move |id| row::row(quiets, QuietId(id), part, (editing, ending)))}
                    </ol>
                </section>
            </Show>
        }
    };
    let is_empty = Memo::new(move |_| quiets.page.with(|page| page.quiets.is_empty()));
    let nothing = if is_admin { words.quiets_empty_text() } else { words.quiets_empty_viewer() };
    view! {
        <header class="page-head">
            <div>
                <h1>{words.quiets_title()}</h1>
                <p>{words.quiets_lead()}</p>
            </div>
            {add}
        </header>
        {some(Part::Runs)}
        {some(Part::Planned)}
        <Show when=move || is_empty.get()>
            <Empty icon=IconName::Wrench title=words.quiets_empty_title() text=nothing />
        </Show>
        {some(Part::Over)}
        {pager(quiets)}
        {editor::editor(quiets, editing)}
        <EndQuiet quiets open=ending />
    }
    .into_any()
}

/// Where in the list a window stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Runs,
    Planned,
    Over,
}

impl Part {
    fn of(quiet: &Quiet) -> Self {
        match (quiet.ended_at, quiet.current) {
            (Some(_), _) => Part::Over,
            (None, Some(_)) => Part::Runs,
            (None, None) => Part::Planned,
        }
    }
}

fn pager(quiets: Quiets) -> AnyView {
    let to = |number: u64| format!("/admin/maintenance?page={number}");
    let number = quiets.number;
    let has_older = move || quiets.page.with(|page| offset(number) + PAGE < page.over);
    let newer = (number > 1).then(|| to(number - 1));
    let older = Signal::derive(move || has_older().then(|| to(number + 1)));
    view! { <Pager newer older /> }.into_any()
}
