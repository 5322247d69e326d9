//! Tells Lambda why the runtime was not started, so that the invoker sees it: `POST /2018-06-01/runtime/init/error`
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror>).
#![expect(clippy::disallowed_methods, reason = "this module talks to the Runtime API")]

use std::io::{Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::library::Library;
use crate::problem::{Code, Problem};
use crate::start::Start;

/// How long connecting, writing and reading may take together.
const DEADLINE: Duration = Duration::from_millis(250);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'b> {
    error_type: &'b str,
    error_message: &'b str,
    stack_trace: [&'b str; 0],
}

/// Reports a failure, as well as it can: the line on stderr is the sure way. Talks to the address that Lambda gave, not
/// to one that a profile set.
pub fn report(problem: &Problem, library: &Library, start: &Start<'_>) {
    let api = start.env.filled(b"AWS_LAMBDA_RUNTIME_API").and_then(|api| std::str::from_utf8(api).ok());
    if let Some(api) = api
        && let Ok(address) = api.parse()
    {
        let _ = post(api, address, problem.code, &format!("{}: {}", problem.code, library.line(problem)));
    }
}

fn post(api: &str, address: SocketAddrV4, code: Code, message: &str) -> std::io::Result<()> {
    let begun = Instant::now();
    let left = || DEADLINE.saturating_sub(begun.elapsed()).max(Duration::from_millis(1));
    let error_type = code.error_type();
    let body = serde_json::to_string(&Body { error_type, error_message: message, stack_trace: [] })?;
    let mut stream = TcpStream::connect_timeout(&address.into(), left())?;
    stream.set_write_timeout(Some(left()))?;
    let request = format!(
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: {api}\r\nContent-Type: application/json\r\n\
         Lambda-Runtime-Function-Error-Type: {error_type}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    // The answer is waited for, since leaving earlier would reset the connection under the server; it is not read.
    let mut answer = [0; 512];
    while begun.elapsed() < DEADLINE {
        stream.set_read_timeout(Some(left()))?;
        if stream.read(&mut answer)? == 0 {
            break;
        }
    }
    Ok(())
}
