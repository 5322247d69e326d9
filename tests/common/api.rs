//! A fake of Lambda's Runtime API that keeps what it is told.
#![expect(clippy::disallowed_methods, reason = "a server needs a thread")]

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    /// `POST /path HTTP/1.1` and the headers.
    pub(crate) head: Vec<String>,
    pub(crate) body: String,
}

impl Request {
    /// The value of a header, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

pub(crate) struct Api {
    address: String,
    done: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Request>>,
}

impl Api {
    /// Serves until `requests` is called. One that is `mute` accepts and reads and never answers.
    pub(crate) fn new(mute: bool) -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        listener.set_nonblocking(true).unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            let mut requests = Vec::new();
            loop {
                // Asked first: what was sent before is still to be accepted.
                let last = asked.load(Ordering::Acquire);
                match listener.accept() {
                    Ok((stream, _)) => requests.extend(serve(stream, mute)),
                    Err(error) if error.kind() == ErrorKind::WouldBlock && last => return requests,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    Err(error) => panic!("accept: {error}"),
                }
            }
        });
        Api { address, done, thread }
    }

    /// The variable that leads to it.
    pub(crate) fn variable(&self) -> String {
        format!("AWS_LAMBDA_RUNTIME_API={}", self.address)
    }

    /// Ends it. Returns what it was told.
    pub(crate) fn requests(self) -> Vec<Request> {
        self.done.store(true, Ordering::Release);
        self.thread.join().unwrap()
    }
}

/// Reads one request to its end, or as far as it comes.
fn serve(mut stream: TcpStream, mute: bool) -> Option<Request> {
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let begun = Instant::now();
    let mut bytes = Vec::new();
    let mut request = None;
    while request.is_none() && begun.elapsed() < Duration::from_secs(10) {
        let mut part = [0; 4096];
        match stream.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(length) => bytes.extend_from_slice(&part[..length]),
        }
        request = complete(&bytes);
    }
    if mute {
        // Until the other side gives up.
        let _ = stream.read(&mut [0; 1]);
    } else {
        let _ = stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    request
}

fn complete(bytes: &[u8]) -> Option<Request> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let request = Request { head: head.lines().map(str::to_owned).collect(), body: body.to_owned() };
    let length: usize = request.header("Content-Length")?.parse().unwrap();
    (body.len() >= length).then_some(request)
}
