//! Makes a Debian package of the release program.
//!
//! Without debhelper: the tree is small, and its scripts are those of `packaging/deb`.

mod texts;
mod tree;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::packages::{self, Consent};
use crate::workspace::{Profile, Workspace};
use crate::{exec, serve};
use texts::Facts;
use tree::Tree;

/// Programs, and the packages that bring them.
const NEEDS: &[(&str, &str)] =
    &[("dpkg-shlibdeps", "dpkg-dev"), ("strip", "binutils"), ("help2man", "help2man")];

/// Where each file of `packaging/` goes.
const FILES: &[(&str, &str)] = &[
    ("packaging/deb/routewarden.toml", "etc/routewarden/routewarden.toml"),
    ("packaging/deb/sysctl.conf", "usr/lib/sysctl.d/50-routewarden.conf"),
    ("packaging/systemd/routewarden.service", "usr/lib/systemd/system/routewarden.service"),
    ("packaging/proxy/nginx.conf", "usr/share/doc/routewarden/examples/nginx.conf"),
    ("packaging/proxy/Caddyfile", "usr/share/doc/routewarden/examples/Caddyfile"),
];
const SCRIPTS: &[&str] = &["postinst", "prerm", "postrm"];
const PROGRAM: &str = "usr/bin/routewarden";

/// Builds `package/routewarden_VERSION_ARCHITECTURE.deb` below cargo's target folder.
pub fn run(workspace: &Workspace, consent: Consent) -> Result<()> {
    packages::programs(NEEDS, consent)?;
    serve::build(workspace, Profile::Release, consent)?;
    let folder = workspace.target.join("package");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let tree = Tree::new(folder.join("tree"))?;
    let epoch = epoch(workspace)?;
    let program = tree.reserve(PROGRAM)?;
    // By this folder Debian's tools know the tree for a package's.
    tree.reserve("DEBIAN/control")?;
    exec::run(
        Command::new("strip")
            .args(["--strip-all", "--remove-section=.comment", "-o"])
            .args([&program, &workspace.server_binary(Profile::Release)]),
    )?;
    let facts = Facts {
        version: env!("CARGO_PKG_VERSION").replace('-', "~"),
        architecture: exec::output(Command::new("dpkg").arg("--print-architecture"))?.trim().to_owned(),
        depends: libraries(&folder, &program)?,
        maintainer: maintainer(),
        date: exec::output(Command::new("date").args(["-u", "-R", "-d", &format!("@{epoch}")]))?
            .trim()
            .to_owned(),
    };
    fill(workspace, &tree, &facts, &program)?;
    let package = folder.join(format!("routewarden_{}_{}.deb", facts.version, facts.architecture));
    exec::run(
        Command::new("dpkg-deb")
            .env("SOURCE_DATE_EPOCH", &epoch)
            .args(["--root-owner-group", "-Zxz", "--build"])
            .args([tree.root(), &package]),
    )?;
    eprintln!("The package is {}", package.display());
    Ok(())
}

fn fill(workspace: &Workspace, tree: &Tree, facts: &Facts, program: &Path) -> Result<()> {
    let read = |name: &str| {
        fs::read_to_string(workspace.root.join(name)).with_context(|| format!("while reading {name}"))
    };
    for (name, place) in FILES {
        tree.write(place, &read(name)?)?;
    }
    let manual = exec::output(
        exec::clean("help2man")
            .env("LC_ALL", "C.UTF-8")
            .args(["--no-info", "--section=1", "--name=monitor of MikroTik networks"])
            .arg(program),
    )?;
    tree.write_gz("usr/share/man/man1/routewarden.1", &manual)?;
    let docs = "usr/share/doc/routewarden";
    tree.write_gz(&format!("{docs}/changelog"), &facts.changelog())?;
    tree.write_gz(&format!("{docs}/CHANGELOG.md"), &read("CHANGELOG.md")?)?;
    let copyright = texts::copyright(&read("packaging/deb/copyright")?, &read("LICENSE")?);
    tree.write(&format!("{docs}/copyright"), &copyright)?;

    tree.write_sums()?;
    tree.write("DEBIAN/control", &facts.control(tree.kilobytes()?))?;
    let settings = FILES.iter().filter(|(_, place)| place.starts_with("etc/"));
    tree.write("DEBIAN/conffiles", &settings.map(|(_, place)| format!("/{place}\n")).collect::<String>())?;
    for script in SCRIPTS {
        tree.write_program(&format!("DEBIAN/{script}"), &read(&format!("packaging/deb/{script}"))?)?;
    }
    Ok(())
}

/// The packages that bring what the program links, in the versions it needs.
fn libraries(folder: &Path, program: &Path) -> Result<String> {
    // The tool insists on the source of a package around it.
    let source = folder.join("source");
    fs::create_dir_all(source.join("debian"))?;
    let control = "Source: routewarden\n\nPackage: routewarden\nArchitecture: any\n";
    fs::write(source.join("debian/control"), control)?;
    let found = exec::output(Command::new("dpkg-shlibdeps").current_dir(&source).arg("-O").arg(program))?;
    let depends = found.trim().strip_prefix("shlibs:Depends=");
    Ok(depends.context("dpkg-shlibdeps names the packages")?.to_owned())
}

/// What every date in the package is: that of the last commit, so that a package can be made again to the byte.
fn epoch(workspace: &Workspace) -> Result<String> {
    if let Ok(epoch) = std::env::var("SOURCE_DATE_EPOCH") {
        return Ok(epoch);
    }
    let commit =
        exec::output(Command::new("git").current_dir(&workspace.root).args(["log", "-1", "--format=%ct"]));
    match commit {
        Ok(epoch) if !epoch.trim().is_empty() => Ok(epoch.trim().to_owned()),
        _ => Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().to_string()),
    }
}

/// Whoever makes the package, as Debian's own tools are told.
fn maintainer() -> String {
    let told = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let name = told("DEBFULLNAME").unwrap_or_else(|| "The Routewarden authors".to_owned());
    let mail = told("DEBEMAIL").unwrap_or_else(|| "authors@routewarden.invalid".to_owned());
    format!("{name} <{mail}>")
}
