#!/var/python/bin/python3 -ISB
"""A debugger for Node.js, by its inspector's protocol.

Attaches to the port that /var/port names, stops where the function says `breakpoint`, reads a local variable, gives it
another value and lets go. What it has seen becomes lines of JSON in /var/answers/debugger.
"""

import base64
import http.client
import json
import os
import socket
import time

PORT = int(open("/var/port").read())
APP = "/var/task/app.js"


def targets():
    """What there is to attach to, once somebody listens."""
    deadline = time.monotonic() + 20
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT)
            connection.request("GET", "/json/list")
            return json.load(connection.getresponse())
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class Session:
    """Commands and events over a WebSocket, whose frames are all of one text each."""

    def __init__(self, path):
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=20)
        self.stream = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        assert b" 101 " in self.stream.readline()
        while self.stream.readline() != b"\r\n":
            pass
        self.sent = 0
        self.events = []

    def send(self, text):
        # A client's frame is masked, which a mask of zeroes is as well.
        size = len(text)
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
        self.socket.sendall(b"\x81" + length + b"\0\0\0\0" + text)

    def receive(self):
        size = self.stream.read(2)[1]
        if size > 125:
            size = int.from_bytes(self.stream.read(2 if size == 126 else 8), "big")
        return json.loads(self.stream.read(size))

    def call(self, method, **params):
        self.sent += 1
        self.send(json.dumps({"id": self.sent, "method": method, "params": params}).encode())
        while (message := self.receive()).get("id") != self.sent:
            self.events.append(message)
        return message["result"]

    def event(self, method):
        while True:
            message = self.events.pop(0) if self.events else self.receive()
            if message["method"] == method:
                return message["params"]


def tell(**what):
    with open("/var/answers/debugger", "a") as file:
        file.write(json.dumps(what) + "\n")


session = Session("/" + targets()[0]["id"])
session.call("Runtime.enable")
session.call("Debugger.enable")
line = next(number for number, text in enumerate(open(APP)) if "// breakpoint" in text)
session.call("Debugger.setBreakpointByUrl", url="file://" + APP, lineNumber=line)
session.call("Runtime.runIfWaitingForDebugger")
tell(reason=session.event("Debugger.paused")["reason"])

session.call("Debugger.resume")
frame = session.event("Debugger.paused")["callFrames"][0]
tell(line=frame["location"]["lineNumber"] - line, function=frame["functionName"])
for expression in ("doubled", "doubled = 1000"):
    result = session.call("Debugger.evaluateOnCallFrame", callFrameId=frame["callFrameId"], expression=expression)
    tell(expression=expression, value=result["result"]["value"])
session.call("Debugger.resume")
# To the end of the function.
session.stream.read()
