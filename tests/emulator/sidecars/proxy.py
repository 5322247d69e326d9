"""Stands between the launcher and the Runtime API at port 9002, and does what its argument says to the registration of an
extension; everything else it passes on. Each request line of an extension is noted in /tmp/proxy.

slow: the answer comes a second late. mute: no answer comes. reset: the connection breaks right behind the answer.
gone: after that, nobody is there any more. taken, too-many, refused: it is answered with 403.
"""

import os
import signal
import socket
import struct
import sys
import threading
import time

FAULT = sys.argv[1]
REFUSALS = {
    "taken": "Extension.InvalidExtensionState",
    "too-many": "Extension.TooManyExtensions",
    "refused": "Extension.InvalidExtensionName",
}


def pump(source, sink):
    try:
        while chunk := source.recv(65536):
            note(chunk)
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def note(chunk):
    line = chunk.split(b"\r\n", 1)[0]
    if b"/extension/" in line:
        with open("/tmp/proxy", "ab") as file:
            file.write(line + b"\n")


def message(connection):
    """A head and a body, as far as they come."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, body = received.split(b"\r\n\r\n", 1)
    lines = head.lower().split(b"\r\n")
    length = sum(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def serve(near):
    first = message(near)
    if FAULT in REFUSALS and b"/extension/register" in first:
        note(first)
        body = b'{"errorMessage":"no","errorType":"%s"}' % REFUSALS[FAULT].encode()
        head = b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        near.sendall(head % len(body) + body)
        near.close()
        return
    far = socket.create_connection(("127.0.0.1", 9001))
    note(first)
    far.sendall(first)
    if b"/extension/register" in first:
        answer = message(far)
        if FAULT == "mute":
            near.recv(1)
            return
        if FAULT == "slow":
            time.sleep(1)
        if FAULT in ("reset", "gone"):
            if FAULT == "gone":
                # A thread that waits in accept would keep it open.
                listener.shutdown(socket.SHUT_RDWR)
                listener.close()
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # It must not be faster than the reset.
            signal_launcher(signal.SIGSTOP)
            near.sendall(answer)
            near.close()
            signal_launcher(signal.SIGCONT)
            return
        near.sendall(answer)
    threading.Thread(target=pump, args=(near, far), daemon=True).start()
    pump(far, near)


def signal_launcher(number):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                launcher = file.read().startswith(b"/opt/wrapper\0")
            if launcher:
                os.kill(int(pid), number)
        except (FileNotFoundError, ProcessLookupError):
            pass


listener = socket.create_server(("127.0.0.1", 9002))
while True:
    try:
        connection, _ = listener.accept()
    except OSError:
        # What it does with the connections that there are goes on in their threads.
        signal.pause()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
