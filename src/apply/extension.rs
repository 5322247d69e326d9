//! Registers an internal extension that asks for no event: with one, Lambda sends SIGTERM to the runtime before it ends
//! it (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>).
#![expect(clippy::disallowed_methods, reason = "this module talks to the Extensions API")]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::problem::{Code, Origin, Problem};
use crate::start::Start;

/// How long connecting may take. Once the request is written there is no giving up: a registered extension that never
/// asks for its next event holds the init phase up until its timeout.
const CONNECT: Duration = Duration::from_millis(100);
/// An answer is a few hundred bytes.
const LARGEST_ANSWER: usize = 64 << 10;
/// Somebody is registered, so SIGTERM comes: under this name already, or ten of them.
const AS_GOOD: [&[u8]; 2] = [b"Extension.InvalidExtensionState", b"Extension.TooManyExtensions"];

/// An answer to a request.
struct Answer {
    head: Vec<u8>,
    body: Vec<u8>,
    /// The connection can carry another request.
    stays: bool,
}

/// Registers, and asks for the next event, which never comes. The connection has to stay open for as long as the runtime
/// runs; `None` where another extension is registered already.
///
/// # Errors
///
/// [`Code::NotRegistered`]: the runtime can start, and will not hear SIGTERM. [`Code::NotPolling`]: it must not start.
pub fn register(start: &Start<'_>, origin: Origin) -> Result<Option<OwnedFd>, Problem> {
    let not_registered = |why: &str| {
        let message = format!("`graceful` has no effect: {why}, so the runtime will not hear SIGTERM");
        Problem::at(Code::NotRegistered, origin, message)
    };
    let api = start.env.filled(b"AWS_LAMBDA_RUNTIME_API").and_then(|api| std::str::from_utf8(api).ok());
    let Some((api, address)) = api.and_then(|api| Some((api, api.parse::<SocketAddrV4>().ok()?))) else {
        return Err(not_registered("AWS_LAMBDA_RUNTIME_API is not an address"));
    };
    let unreachable = |error: std::io::Error| not_registered(&format!("Lambda cannot be reached ({})", error.kind()));
    let mut stream = TcpStream::connect_timeout(&address.into(), CONNECT).map_err(unreachable)?;
    let body = r#"{"events":[]}"#;
    let request = format!(
        "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: {api}\r\nLambda-Extension-Name: forerun\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).map_err(unreachable)?;
    let not_polling = |why: &str| {
        let message = format!("forerun is registered as an extension and cannot ask for its next event: {why}");
        Problem::at(Code::NotPolling, origin, message)
            .help("the init phase would wait for it until its timeout; leave `graceful` out if this happens again")
    };
    let answer = match read_answer(&mut stream) {
        Ok(answer) => answer,
        Err((_, begun)) if begun.starts_with(b"HTTP/1.1 2") => {
            return Err(not_polling("the answer broke off"));
        }
        Err((kind, _)) => return Err(not_registered(&format!("no answer ({kind})"))),
    };
    match answer.status() {
        200..=299 => {}
        403 if AS_GOOD.iter().any(|reason| contains(&answer.body, reason)) => return Ok(None),
        status => return Err(not_registered(&format!("Lambda refused it with status {status}"))),
    }
    let Some(identifier) = answer.header(b"lambda-extension-identifier") else {
        return Err(not_polling("the answer has no Lambda-Extension-Identifier"));
    };
    let mut request =
        format!("GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: {api}\r\nLambda-Extension-Identifier: ")
            .into_bytes();
    request.extend_from_slice(identifier);
    request.extend_from_slice(b"\r\n\r\n");
    if answer.stays && ask(&mut stream, &request).is_ok() {
        return Ok(Some(stream.into()));
    }
    let again = TcpStream::connect_timeout(&address.into(), CONNECT).and_then(|mut stream| {
        ask(&mut stream, &request)?;
        Ok(stream)
    });
    again.map(|stream| Some(stream.into())).map_err(|error| not_polling(&error.kind().to_string()))
}

/// Sends the request that is never answered. A connection that has something to say now has been closed by the other side.
fn ask(stream: &mut TcpStream, request: &[u8]) -> std::io::Result<()> {
    stream.write_all(request)?;
    let mut word = [PollFd::new(stream.as_fd(), PollFlags::POLLIN)];
    match poll(&mut word, PollTimeout::ZERO) {
        Ok(0) => Ok(()),
        _ => Err(ErrorKind::ConnectionAborted.into()),
    }
}

/// The answer; or what went wrong, and what had come until then.
fn read_answer(stream: &mut TcpStream) -> Result<Answer, (ErrorKind, Vec<u8>)> {
    let mut text = Vec::new();
    let mut piece = [0; 2048];
    loop {
        if let Some(answer) = Answer::parse(&text, false) {
            return Ok(answer);
        }
        let read = match stream.read(&mut piece) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // What came before the connection broke may be whole.
            Err(error) => return Answer::parse(&text, true).ok_or((error.kind(), text)),
            Ok(read) => read,
        };
        text.extend_from_slice(&piece[..read]);
        if read == 0 || text.len() > LARGEST_ANSWER {
            return Answer::parse(&text, true).ok_or((ErrorKind::ConnectionReset, text));
        }
    }
}

impl Answer {
    /// `None` while something is missing. `ended`: nothing more will come.
    fn parse(text: &[u8], ended: bool) -> Option<Answer> {
        let end = text.windows(4).position(|window| window == b"\r\n\r\n")?;
        if text.starts_with(b"HTTP/1.1 1") {
            // An interim answer (RFC 9110, section 15.2): the answer itself comes behind it.
            return Answer::parse(&text[end + 4..], ended);
        }
        let (head, body) = (text[..end].to_vec(), text[end + 4..].to_vec());
        let mut answer = Answer { head, body, stays: !ended };
        if answer.header(b"connection").is_some_and(|value| value.eq_ignore_ascii_case(b"close")) {
            answer.stays = false;
        }
        let length = answer.header(b"content-length").and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        let chunked = answer.header(b"transfer-encoding").is_some();
        let whole = match length {
            Some(length) => answer.body.len() >= length,
            None => chunked && answer.body.ends_with(b"0\r\n\r\n"),
        };
        (whole || ended).then_some(answer)
    }

    fn status(&self) -> u16 {
        let digits = self.head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or_default()
    }

    /// The value of a header, whose name is given in lower case.
    fn header(&self, name: &[u8]) -> Option<&[u8]> {
        self.head.split(|&byte| byte == b'\n').find_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            line[..colon].eq_ignore_ascii_case(name).then(|| line[colon + 1..].trim_ascii())
        })
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let head = "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: x-1\r\n";
        let text = format!("{head}Content-Length: 4\r\n\r\nbody");
        for length in 0..text.len() {
            assert!(Answer::parse(&text.as_bytes()[..length], false).is_none(), "{length} bytes");
        }
        let answer = Answer::parse(text.as_bytes(), false).unwrap();
        assert_eq!((answer.status(), answer.header(b"lambda-extension-identifier")), (200, Some(&b"x-1"[..])));
        assert!(answer.stays);
        let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n");
        assert!(Answer::parse(chunked.as_bytes(), false).is_none());
        assert!(Answer::parse((chunked + "0\r\n\r\n").as_bytes(), false).is_some());
        let late = format!("HTTP/1.1 100 Continue\r\n\r\n{text}");
        assert!(Answer::parse(&late.as_bytes()[..30], false).is_none());
        assert_eq!(Answer::parse(late.as_bytes(), false).unwrap().status(), 200);
        let until_the_end = format!("{head}\r\nbody");
        assert!(Answer::parse(until_the_end.as_bytes(), false).is_none());
        assert!(!Answer::parse(until_the_end.as_bytes(), true).unwrap().stays);
        assert!(
            !Answer::parse(format!("{head}Connection: Close\r\nContent-Length: 0\r\n\r\n").as_bytes(), false)
                .unwrap()
                .stays
        );
    }
}
