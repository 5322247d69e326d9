//! Addresses that readiness asks: numeric, since a name would have to be looked up while the function starts.

use std::net::SocketAddr;

/// A URL that is asked with GET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// Where to connect.
    pub address: SocketAddr,
    /// What stands before the path, for the `Host` header.
    pub host: String,
    /// The path, at least `/`, and the query.
    pub path: String,
}

/// Reads `127.0.0.1:6379`, `[::1]:6379` or `localhost:6379`; `None` for anything else.
///
/// ```
/// use forerun::profile::address::tcp;
///
/// assert_eq!(tcp("localhost:6379"), Some(([127, 0, 0, 1], 6379).into()));
/// assert_eq!(tcp("cache:6379"), None);
/// ```
pub fn tcp(text: &str) -> Option<SocketAddr> {
    let address: SocketAddr = match text.strip_prefix("localhost:") {
        Some(port) => ([127, 0, 0, 1], port.parse().ok()?).into(),
        None => text.parse().ok()?,
    };
    (address.port() != 0).then_some(address)
}

/// Reads `http://127.0.0.1:13133/health`; the port is 80 when it is not given. `None` for anything else.
pub fn http(text: &str) -> Option<Url> {
    let rest = text.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let address = tcp(host).or_else(|| tcp(&format!("{host}:80")))?;
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    plain.then(|| Url { address, host: host.to_owned(), path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_numeric_and_plain_http() {
        let read = |text: &str| http(text).map(|url| format!("{} {} {}", url.address, url.host, url.path));
        for (text, expected) in [
            ("http://127.0.0.1:13133/health", Some("127.0.0.1:13133 127.0.0.1:13133 /health")),
            ("http://localhost", Some("127.0.0.1:80 localhost /")),
            ("http://[::1]:8080?x=1", Some("[::1]:8080 [::1]:8080 /?x=1")),
            ("http://[::1]/", Some("[::1]:80 [::1] /")),
            ("https://127.0.0.1/", None),
            ("http://collector:4318/", None),
            ("http://127.0.0.1:0/", None),
            ("http://127.0.0.1:1x/", None),
            ("http://127.0.0.1/a b", None),
            ("http://127.0.0.1/a\r\nX: y", None),
            ("127.0.0.1:80", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }
}
