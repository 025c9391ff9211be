//! Where the program says that it listens.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::Child;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result};

const START_DEADLINE: Duration = Duration::from_secs(30);

/// Waits until the program, whose output is piped, has named its address, and reads on what it says.
pub fn listening(child: &mut Child) -> Result<SocketAddr> {
    let (found, address) = mpsc::channel();
    let outputs: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|out| Box::new(out) as _),
        child.stderr.take().map(|err| Box::new(err) as _),
    ];
    for output in outputs.into_iter().flatten() {
        let found = found.clone();
        // Read to the end: a full pipe would stop the program.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(address) = address_in(&line) {
                    let _ = found.send(address);
                }
            }
        });
    }
    address.recv_timeout(START_DEADLINE).context("the program says where it listens")
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ':');
    rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::address_in;

    #[test]
    fn the_address_is_found_in_what_the_program_says() {
        assert_eq!(address_in("Open http://127.0.0.1:4711/ now"), "127.0.0.1:4711".parse().ok());
        assert_eq!(address_in("nothing here"), None);
    }
}
