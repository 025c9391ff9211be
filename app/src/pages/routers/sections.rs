//! What a device is, how it is called and found, and what is worth noting about it.

use super::{editor::Editor, suggested::suggested};
use crate::{bind, parts::*};
use leptos::prelude::*;
use model::{DeviceId, DeviceKind};

/// A titled part of the form.
pub fn section(title: &'static str, body: AnyView) -> AnyView {
    view! {
        <section class="form-section">
            <h3>{title}</h3>
            {body}
        </section>
    }
    .into_any()
}

/// Kinds first: everything else follows from it.
pub fn kind(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let card = |kind: DeviceKind| CardOption {
        value: kind.word(),
        title: words.kind(kind),
        text: match kind {
            DeviceKind::Router => words.kind_router_text(),
            DeviceKind::Switch => words.kind_switch_text(),
            DeviceKind::WifiAp => words.kind_wifi_ap_text(),
            DeviceKind::Server => words.kind_server_text(),
            DeviceKind::Firewall => words.kind_firewall_text(),
            DeviceKind::Tunnel => words.kind_tunnel_text(),
        },
        icon: match kind {
            DeviceKind::Router => IconName::Router,
            DeviceKind::Switch => IconName::Switch,
            DeviceKind::WifiAp => IconName::Wifi,
            DeviceKind::Server => IconName::Server,
            DeviceKind::Firewall => IconName::Shield,
            DeviceKind::Tunnel => IconName::Tunnel,
        },
    };
    let choose = move |word: String| {
        if let Some(kind) = DeviceKind::from_word(&word) {
            editor.roster.forms.with_value(|forms| form.update(|form| form.choose_kind(kind, forms)));
        }
    };
    let value = Bind::new(
        move || form.with(|form| form.kind.map(DeviceKind::word).unwrap_or_default().to_owned()),
        choose,
    );
    view! {
        <CardChoice
            label=words.router_kind()
            name="device_type"
            options=DeviceKind::ALL.map(card).into()
            value
            error=editor.error("device_type")
        />
    }
    .into_any()
}

pub fn identity(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    view! {
        <div class="form-pair">
            <TextField
                label=words.router_name()
                name="device-name"
                value=bind!(form.name)
                hint=words.router_name_hint()
                error=editor.error("name")
                autocomplete="off"
                required=true
            />
            <TextField
                label=words.router_address()
                name="device-address"
                value=bind!(form.address)
                hint=words.router_address_hint()
                error=editor.error("ip_address")
                autocomplete="off"
                required=true
            />
        </div>
    }
    .into_any()
}

pub fn details(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let tags = view! {
        <TagsField
            label=words.router_tags()
            name="tags"
            value=bind!(form.tags)
            hint=words.router_tags_hint()
            error=editor.task.fields.under("tags")
        />
        <TextField
            label=words.router_description()
            name="description"
            value=bind!(form.description)
            error=editor.error("description")
            autocomplete="off"
        />
    };
    let body = view! {
        <div class="form-pair">
            <TextField
                label=words.router_location()
                name="location"
                value=bind!(form.location)
                hint=words.router_location_hint()
                error=editor.error("location")
                autocomplete="off"
            />
            <div>{parent(editor)} {suggested(editor)}</div>
        </div>
        {tags}
        <div class="form-pair">
            <TextField
                label=words.router_vendor()
                name="vendor"
                value=bind!(form.vendor)
                error=editor.error("vendor")
                autocomplete="off"
            />
            <TextField
                label=words.router_model()
                name="model"
                value=bind!(form.model)
                error=editor.error("model")
                autocomplete="off"
            />
        </div>
        <TextField
            label=words.router_sla()
            name="sla-target"
            value=bind!(form.sla_target)
            hint=words.router_sla_hint()
            error=editor.error("sla_target")
            inputmode="decimal"
            autocomplete="off"
        />
    };
    section(words.router_details(), body.into_any())
}

/// What the device is reached through; itself is no choice.
fn parent(editor: Editor) -> AnyView {
    let (words, form) = (editor.words, editor.form);
    let choices = Memo::new(move |_| {
        let own = editor.stored.with(|device| device.as_ref().map(|device| device.id));
        editor.roster.devices.with(|all| {
            let mut choices: Vec<Choice> = all
                .iter()
                .filter(|device| Some(device.id) != own)
                .map(|device| Choice {
                    id: device.id.0,
                    name: device.name.clone(),
                    aside: device.address.clone(),
                })
                .collect();
            choices.sort_by(|a, b| a.name.cmp(&b.name));
            choices
        })
    });
    let value = Bind::new(
        move || form.with(|form| form.parent.map(|id| id.0)),
        move |id: Option<i64>| form.update(|form| form.parent = id.map(DeviceId)),
    );
    view! {
        <ComboField
            label=words.router_parent()
            name="parent"
            value
            choices
            hint=words.router_parent_hint()
            error=editor.error("parent_id")
        />
    }
    .into_any()
}
