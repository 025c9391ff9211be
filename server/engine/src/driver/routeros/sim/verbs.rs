//! What commands do: permission first, then the verb.

use super::device::Device;
use super::fault::Behaviour;
use super::personality::Version;
use super::query::select;
use super::sentence::{Asked, Reply};

/// Whether a command is over.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Its whole reply was written.
    Finished,
    /// It is allowed, and goes on until it is cancelled; nothing was written yet.
    MayRunOn,
}

pub(super) fn execute(
    device: &Device,
    policies: &[&str],
    asked: &Asked,
    behaviour: &Behaviour,
    reply: &mut Reply<'_>,
) -> Outcome {
    let (menu, verb) = asked.menu_and_verb();
    if behaviour.lacks(menu) {
        reply.trap(Some(0), "no such command prefix");
        return Outcome::Finished;
    }
    let needed = match verb {
        "add" | "set" | "remove" => "write",
        "debug" | "info" | "warning" | "error" if menu == "/log" => "write",
        "monitor-traffic" => "test",
        _ => "read",
    };
    if behaviour.denies(menu) || !policies.contains(&needed) {
        reply.trap(None, "not enough permissions (9)");
        return Outcome::Finished;
    }
    match verb {
        "print" | "getall" => print(device, asked, reply),
        "add" => match device.add(menu, &asked.attributes) {
            Ok(id) => reply.done_with(&id),
            Err(why) => reply.trap(None, why),
        },
        "remove" => match device.remove(menu, asked.attribute(".id").unwrap_or_default()) {
            Ok(()) => reply.done(),
            Err(why) => reply.trap(None, why),
        },
        "set" if menu == "/system/identity" => {
            device.rename(asked.attribute("name").unwrap_or("MikroTik"));
            reply.done();
        }
        "debug" | "info" | "warning" | "error" if menu == "/log" => {
            let message = asked.attribute("message").unwrap_or_default();
            device.log(&format!("script,{verb}"), message.to_owned());
            reply.done();
        }
        "listen" if device.rows(menu).is_some() => return Outcome::MayRunOn,
        "monitor-traffic" if menu == "/interface" => return monitor_traffic(device, asked, reply),
        _ if device.rows(menu).is_some() => reply.trap(None, "no such command"),
        _ => reply.trap(None, &no_such_menu(device, menu)),
    }
    Outcome::Finished
}

fn print(device: &Device, asked: &Asked, reply: &mut Reply<'_>) {
    let (menu, _) = asked.menu_and_verb();
    let Some(rows) = device.rows(menu) else { return reply.trap(None, &no_such_menu(device, menu)) };
    let rows = select(rows, asked);
    if asked.attribute("count-only").is_some() {
        return reply.done_with(&rows.len().to_string());
    }
    rows.iter().for_each(|row| reply.row(row));
    if rows.is_empty() && device.personality.version == Version::V7_20 {
        reply.empty();
    }
    reply.done();
}

fn monitor_traffic(device: &Device, asked: &Asked, reply: &mut Reply<'_>) -> Outcome {
    let names = asked.attribute("interface").unwrap_or_default();
    let rows: Option<Vec<_>> = names.split(',').map(|name| device.monitor_traffic(name)).collect();
    let Some(rows) = rows else {
        reply.trap(Some(1), "input does not match any value of interface");
        return Outcome::Finished;
    };
    if asked.attribute("once").is_none() {
        return Outcome::MayRunOn;
    }
    rows.iter().for_each(|row| reply.row(row));
    reply.done();
    Outcome::Finished
}

/// Version 7 names the last part of the path, version 6 does not.
fn no_such_menu(device: &Device, menu: &str) -> String {
    match menu.rsplit('/').next() {
        Some(last) if !device.personality.is_v6() => format!("no such command or directory ({last})"),
        _ => "no such command prefix".into(),
    }
}
