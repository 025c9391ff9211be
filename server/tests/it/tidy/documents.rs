//! What the documents name is there.

use super::tree::{File, files, none, root};

/// Endings by which a name without a folder is known for that of a file.
const ENDINGS: [&str; 4] = [".rs", ".js", ".md", ".toml"];

#[test]
fn what_the_map_names_is_there() {
    let files = files();
    let map = files.iter().find(|file| file.path == "ARCHITECTURE.md").expect("the map is there");
    let is_place = |name: &&str| {
        let is_path = name.contains('/') && !name.starts_with('/') && !name.contains([' ', ':', '*']);
        is_path || ENDINGS.iter().any(|ending| name.ends_with(ending))
    };
    let is_there = |name: &str| {
        let name = name.trim_end_matches('/');
        let within = format!("/{name}/");
        let at_end = format!("/{name}");
        files.iter().any(|file| {
            let path = format!("/{}", file.path);
            path.ends_with(&at_end) || path.contains(&within)
        })
    };
    // Between every second pair of backticks is prose.
    let named = map.text.split('`').skip(1).step_by(2).filter(is_place);
    none(named.filter(|name| !is_there(name)).map(str::to_owned), "the map names what is not there");
}

#[test]
fn what_a_document_links_to_is_there() {
    let leads_nowhere = |file: &File| {
        let targets = file.text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        let own = targets.map(|(target, _)| target).filter(|target| !target.contains("://"));
        let broken = own.filter(|target| !root().join(target).exists());
        broken.map(|target| format!("{}: {target}", file.path)).collect::<Vec<_>>()
    };
    let documents = files().into_iter().filter(|file| file.is("md") && !file.path.contains('/'));
    none(documents.flat_map(|file| leads_nowhere(&file)), "a link leads nowhere");
}
