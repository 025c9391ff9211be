//! A tiny HTTP client on one connection, so that what is timed is the server and not a library.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const DEADLINE: Duration = Duration::from_secs(60);
/// A connection that was silent for longer may have been closed by the server, as its patience ends at 20 s.
const IDLE_MAX: Duration = Duration::from_secs(10);

pub struct Client {
    address: SocketAddr,
    /// Sent with every request: who is asking.
    header: String,
    connection: Option<BufReader<TcpStream>>,
    used_at: Instant,
}

pub struct Answer {
    pub status: u16,
    headers: Vec<String>,
    pub body: String,
    /// From when the request was ready to be sent: while it is being sent, the answer may come already.
    pub first_byte: Duration,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers_of(name).next()
    }

    /// The cookies it sets, as the next request sends them.
    pub fn cookies(&self) -> String {
        let cookies = self.headers_of("set-cookie").filter_map(|cookie| cookie.split(';').next());
        cookies.collect::<Vec<_>>().join("; ")
    }

    fn headers_of(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter_map(move |line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// The server answered, and said no.
#[derive(Debug)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl Client {
    pub fn new(address: SocketAddr, header: String) -> Self {
        Self { address, header, connection: None, used_at: Instant::now() }
    }

    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.ask("GET", path, "text/plain", "")
    }

    pub fn post(&mut self, path: &str, json: &str) -> Result<Answer> {
        self.ask("POST", path, "application/json", json)
    }

    pub fn put(&mut self, path: &str, json: &str) -> Result<Answer> {
        self.ask("PUT", path, "application/json", json)
    }

    pub fn delete(&mut self, path: &str) -> Result<Answer> {
        self.ask("DELETE", path, "application/json", "")
    }

    /// Posts a form as a browser without scripts does.
    pub fn submit(&mut self, path: &str, form: &str) -> Result<Answer> {
        self.ask("POST", path, "application/x-www-form-urlencoded", form)
    }

    fn ask(&mut self, method: &str, path: &str, kind: &str, body: &str) -> Result<Answer> {
        let address = self.address;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nAccept: text/html, */*\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n{}\r\n\r\n{body}",
            body.len(),
            self.header
        );
        let is_fresh = self.used_at.elapsed() < IDLE_MAX;
        let connection = match self.connection.take().filter(|_| is_fresh) {
            Some(connection) => connection,
            None => connect(address)?,
        };
        let connection = self.connection.insert(connection);
        let began = Instant::now();
        connection.get_mut().write_all(request.as_bytes())?;
        connection.fill_buf()?;
        let first_byte = began.elapsed();
        let mut answer = read(connection)?;
        answer.first_byte = first_byte;
        self.used_at = Instant::now();
        if answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
            self.connection = None;
        }
        if answer.status >= 400 {
            return Err(Refused(format!("{method} {path}: {} {}", answer.status, answer.body)).into());
        }
        Ok(answer)
    }
}

fn connect(address: SocketAddr) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    Ok(BufReader::new(stream))
}

fn read(connection: &mut BufReader<TcpStream>) -> Result<Answer> {
    let status = line(connection)?;
    let status = status.split(' ').nth(1).context("a status line has a status")?.parse()?;
    let mut headers = Vec::new();
    loop {
        let header = line(connection)?;
        if header.is_empty() {
            break;
        }
        headers.push(header);
    }
    let mut answer = Answer { status, headers, body: String::new(), first_byte: Duration::ZERO };
    answer.body = String::from_utf8_lossy(&body(connection, &answer)?).into_owned();
    Ok(answer)
}

fn body(connection: &mut BufReader<TcpStream>, answer: &Answer) -> Result<Vec<u8>> {
    const NO_CONTENT: u16 = 204;
    if answer.status == NO_CONTENT {
        return Ok(Vec::new());
    }
    if let Some(length) = answer.header("content-length") {
        return take(connection, length.parse()?);
    }
    let mut body = Vec::new();
    while answer.header("transfer-encoding").is_some() {
        let length = usize::from_str_radix(&line(connection)?, 16)?;
        body.extend(take(connection, length)?);
        line(connection)?;
        if length == 0 {
            break;
        }
    }
    Ok(body)
}

fn take(connection: &mut BufReader<TcpStream>, length: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    connection.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn line(connection: &mut BufReader<TcpStream>) -> Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        bail!("the server hung up");
    }
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cookie_that_is_set_is_sent_again() {
        let headers = ["Set-Cookie: known=a; Path=/", "Content-Length: 0", "set-cookie: sid=b; HttpOnly"];
        let headers = headers.map(str::to_owned).to_vec();
        let answer = Answer { status: 302, headers, body: String::new(), first_byte: Duration::ZERO };
        assert_eq!(answer.cookies(), "known=a; sid=b");
    }
}
