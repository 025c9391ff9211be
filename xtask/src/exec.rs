//! Starting other programs: says what it starts, and a failure of theirs is ours.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const POLL: Duration = Duration::from_millis(50);

/// Cargo, without the variables that the cargo which started us has set for us: some build scripts
/// (`ring`'s) watch them and would run again each time the caller changes.
pub fn cargo() -> Command {
    clean(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program that does not see the variables cargo has set for this one.
pub fn clean(program: impl AsRef<OsStr>) -> Command {
    const OURS: &[&str] = &["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if OURS.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs to the end; an exit code other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    say(command);
    let status = command.status().with_context(|| format!("while starting {}", name(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", name(command));
    }
    Ok(())
}

/// As `run`, given up after `deadline`.
pub fn run_within(command: &mut Command, deadline: Duration) -> Result<()> {
    say(command);
    let mut child = command.spawn().with_context(|| format!("while starting {}", name(command)))?;
    let status = wait_within(&mut child, command, deadline)?;
    if !status.success() {
        bail!("{} ended with {status}", name(command));
    }
    Ok(())
}

/// Runs to the end and answers what it printed; its errors go to ours.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("while starting {}", name(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", name(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// As `output`, with `input` to read, given up after `deadline`.
pub fn tell_within(command: &mut Command, input: &str, deadline: Duration) -> Result<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("while starting {}", name(command)))?;
    let mut printed = child.stdout.take().context("the program's output is ours to read")?;
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        printed.read_to_end(&mut text).map(|_| text)
    });
    let mut stdin = child.stdin.take().context("the program's input is ours to write")?;
    // One that ends without reading all of it says by its exit code whether that is a failure.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let status = wait_within(&mut child, command, deadline)?;
    let text = match reading.join() {
        Ok(text) => text?,
        Err(_) => bail!("reading what {} printed failed", name(command)),
    };
    let text = String::from_utf8_lossy(&text).into_owned();
    if !status.success() {
        bail!("{} ended with {status}\n{text}", name(command));
    }
    Ok(text)
}

fn wait_within(child: &mut Child, command: &Command, deadline: Duration) -> Result<ExitStatus> {
    let started = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(status),
            None if started.elapsed() > deadline => {
                child.kill()?;
                child.wait()?;
                bail!("{} took longer than {} s", name(command), deadline.as_secs());
            }
            None => std::thread::sleep(POLL),
        }
    }
}

/// Runs to the end, handing on each line it prints to `read` as well as to the terminal. Answers
/// whether it succeeded.
pub fn follow(command: &mut Command, mut read: impl FnMut(&str)) -> Result<bool> {
    say(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("while starting {}", name(command)))?;
    let printed = child.stdout.take().context("the program's output is ours to read")?;
    for line in BufReader::new(printed).lines() {
        let line = line?;
        println!("{line}");
        read(&line);
    }
    Ok(child.wait()?.success())
}

/// Whether a program of this name can be started.
pub fn exists(program: &str) -> bool {
    find(program).is_some()
}

/// Where the program of this name lies.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn say(command: &Command) {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    eprintln!("$ {}", words.join(" "));
}
