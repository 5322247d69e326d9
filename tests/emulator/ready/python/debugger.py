#!/var/python/bin/python3 -ISB
"""Invokes the function and debugs it meanwhile: stops in the handler, looks at a variable, changes it, goes on.

Speaks the Debug Adapter Protocol. Arguments: the emulator's pid and the event. The port is in /var/port. Writes the
answer as sandbox.sh does, and to /var/answers/debugger what there was to see.
"""

import http.client
import itertools
import json
import socket
import sys
import threading
import time

SOURCE = "/var/task/app.py"
PATIENCE = 25.0


class Adapter:
    """A connection to the debugger."""

    def __init__(self, port):
        self.socket = connected(port)
        self.file = self.socket.makefile("rwb")
        self.numbers = itertools.count(1)
        self.events = []

    def send(self, command, **arguments):
        number = next(self.numbers)
        request = {"seq": number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(request).encode()
        self.file.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.file.flush()
        return number

    def receive(self):
        length = 0
        while line := self.file.readline().strip():
            name, value = line.split(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise EOFError("the debugger has closed the connection")
        message = json.loads(self.file.read(length))
        if not message.get("success", True):
            raise RuntimeError(message)
        return message

    def ask(self, command, **arguments):
        """The body of the answer; events on the way to it are kept."""
        number = self.send(command, **arguments)
        while True:
            message = self.receive()
            if message["type"] == "event":
                self.events.append(message)
            elif message.get("request_seq") == number:
                return message.get("body") or {}

    def wait_for(self, event):
        while True:
            for message in self.events:
                if message["event"] == event:
                    self.events.remove(message)
                    return message.get("body") or {}
            message = self.receive()
            if message["type"] == "event":
                self.events.append(message)


def connected(port):
    """The runtime is started by the invocation, and waits for us then."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def debug(port, line):
    adapter = Adapter(port)
    adapter.ask("initialize", adapterID="test", pathFormat="path", linesStartAt1=True)
    # It is answered when everything is configured.
    adapter.send("attach", justMyCode=True)
    adapter.wait_for("initialized")
    breakpoints = adapter.ask("setBreakpoints", source={"path": SOURCE}, breakpoints=[{"line": line}])
    adapter.ask("configurationDone")
    stopped = adapter.wait_for("stopped")
    thread = stopped["threadId"]
    frame = adapter.ask("stackTrace", threadId=thread, levels=1)["stackFrames"][0]
    total = adapter.ask("evaluate", expression="total", frameId=frame["id"], context="watch")
    adapter.ask("evaluate", expression="total = 42", frameId=frame["id"], context="repl")
    adapter.ask("continue", threadId=thread)
    return {
        "verified": breakpoints["breakpoints"][0]["verified"],
        "reason": stopped["reason"],
        "function": frame["name"],
        "line": frame["line"],
        "total": total["result"],
    }


def invoke(event):
    connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=PATIENCE)
    connection.request("POST", "/2015-03-31/functions/function/invocations", event)
    answer = connection.getresponse()
    with open("/var/answers/0", "w") as file:
        file.write(f"{answer.read().decode()}\n{answer.status}")


with open("/var/port") as file:
    port = int(file.read())
with open(SOURCE) as file:
    line = next(number for number, text in enumerate(file, 1) if "# stop here" in text)
invocation = threading.Thread(target=invoke, args=sys.argv[2:])
invocation.start()
seen = debug(port, line)
invocation.join()
with open("/var/answers/debugger", "w") as file:
    json.dump(seen, file)
