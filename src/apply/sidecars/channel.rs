//! Hands a descriptor from the wrapper to the supervisor.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};

/// Hands a descriptor over.
pub(super) fn give(channel: &OwnedFd, descriptor: &OwnedFd) -> Result<(), Errno> {
    let descriptors = [descriptor.as_raw_fd()];
    let rights = [ControlMessage::ScmRights(&descriptors)];
    sendmsg::<()>(channel.as_raw_fd(), &[IoSlice::new(&[0])], &rights, MsgFlags::MSG_NOSIGNAL, None).map(drop)
}

/// Takes a descriptor that was handed over.
///
/// # Errors
///
/// The other side is gone.
#[expect(unsafe_code, reason = "the kernel has just made the descriptor")]
pub(super) fn take(channel: &OwnedFd) -> Result<Option<OwnedFd>, Errno> {
    let mut space = cmsg_space!(i32);
    let mut byte = [0];
    let mut buffers = [IoSliceMut::new(&mut byte)];
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC;
    let message = match recvmsg::<()>(channel.as_raw_fd(), &mut buffers, Some(&mut space), flags) {
        Err(Errno::EAGAIN | Errno::EINTR) => return Ok(None),
        message => message?,
    };
    if message.bytes == 0 {
        return Err(Errno::EPIPE);
    }
    for part in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(descriptors) = part
            && let Some(&descriptor) = descriptors.first()
        {
            // SAFETY: it came with this message, alone, and nobody else knows it.
            return Ok(Some(unsafe { OwnedFd::from_raw_fd(descriptor) }));
        }
    }
    Ok(None)
}
