//! What the processes of a trial tell each other: messages with a zero byte behind each, and in none (postcard's COBS).

use std::io::{self, BufRead, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a message, all of it at once, so that those of several processes do not mix in one file.
pub(super) fn write(message: &impl Serialize, mut to: impl Write) -> io::Result<()> {
    let bytes = postcard::to_stdvec_cobs(message).map_err(io::Error::other)?;
    to.write_all(&bytes)?;
    to.flush()
}

/// The next message, or none at the end.
pub(super) fn read<T: DeserializeOwned>(mut from: impl BufRead) -> io::Result<Option<T>> {
    let mut bytes = Vec::new();
    if from.read_until(0, &mut bytes)? == 0 {
        return Ok(None);
    }
    postcard::from_bytes_cobs(&mut bytes).map(Some).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_one_after_the_other() {
        let sent = [(b"A\0\n\xff".to_vec(), 7), (Vec::new(), u64::MAX)];
        let mut bytes = Vec::new();
        for message in &sent {
            write(message, &mut bytes).unwrap();
        }
        let mut bytes = &bytes[..];
        let mut next = || read::<(Vec<u8>, u64)>(&mut bytes).unwrap();
        assert_eq!([next(), next()], sent.map(Some));
        assert_eq!(next(), None);
        assert!(read::<(Vec<u8>, u64)>(&b"\x09cut"[..]).is_err());
    }
}
