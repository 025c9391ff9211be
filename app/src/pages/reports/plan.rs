//! When reports are sent, and where to.

use crate::{
    api::{
        load::load,
        reports::{change_report_plan, load_report_plan},
    },
    format,
    i18n::{Words, use_words},
    parts::*,
};
use leptos::{ev, prelude::*};
use model::{ChannelId, REPORT_HOURS, ReportPlan, ReportPlanPage, Timestamp};

#[component]
pub fn Plan() -> impl IntoView {
    let words = use_words();
    let loaded = load(|| (), |()| load_report_plan());
    view! {
        <div class="screen-only report-plan">
            <Card title=words.report_plan()>
                <p class="card-lead">{words.report_plan_text()}</p>
                {when_found(loaded, form)}
            </Card>
        </div>
    }
}

fn form(page: ReportPlanPage) -> AnyView {
    let (words, task, toasts) = (use_words(), Task::new(), use_toasts());
    let hours = RwSignal::new(page.plan.hours.to_string());
    let chosen = RwSignal::new(page.plan.channels);
    let next = RwSignal::new(page.next);
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let plan = ReportPlan {
            hours: hours.get_untracked().parse().unwrap_or_default(),
            channels: chosen.get_untracked(),
        };
        task.run(change_report_plan(plan), move |page| {
            chosen.set(page.plan.channels);
            next.set(page.next);
            toasts.say(Tone::Good, words.report_said().to_owned());
        });
    };
    let options = REPORT_HOURS.map(|hours| Pick { value: hours.to_string(), text: interval(words, hours) });
    let has_none = page.channels.is_empty();
    let switches = page.channels.into_iter().map(|(id, name)| switch(chosen, id, name)).collect_view();
    let due = move || {
        next.get().map(|at| {
            view! {
                <p class="report-next">
                    {words.report_next()} ": " <Moment at=Signal::stored(at) text=Signal::stored(moment(at)) />
                </p>
            }
        })
    };
    view! {
        <form class="form" method="post" on:submit=on_submit>
            <ErrorNote error=task.error_beside(&["hours"]) />
            <SelectField
                label=words.report_every()
                name="report-hours"
                options=options.into()
                value=hours.into()
                error=task.fields.at("hours")
            />
            <fieldset class="report-channels">
                <legend>{words.nav_channels()}</legend>
                {switches}
                {has_none.then(|| view! { <p>{words.report_no_channels()}</p> })}
            </fieldset>
            {due}
            <div class="form-foot">
                <Button look=Look::Primary submit=true busy=task.is_pending()>
                    {words.action_save()}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

fn switch(chosen: RwSignal<Vec<ChannelId>>, id: ChannelId, name: String) -> AnyView {
    let write = move |on: bool| {
        chosen.update(|all| {
            all.retain(|known| *known != id);
            if on {
                all.push(id);
            }
        });
    };
    let value = Bind::new(move || chosen.with(|all| all.contains(&id)), write);
    view! { <Switch label=name name=format!("report-to-{id}") value /> }.into_any()
}

fn interval(words: Words, hours: u32) -> String {
    if hours == 0 { words.report_never().to_owned() } else { format::span(words, i64::from(hours) * 3_600) }
}

fn moment(at: Timestamp) -> String {
    let iso = format::iso(at);
    format!("{} UTC", iso.replace('T', " ").chars().take("yyyy-mm-dd hh:mm".len()).collect::<String>())
}
