#!/var/python/bin/python3 -ISB
"""Invokes the function and watches every process of the sandbox from before its start to after its end.

Arguments: the emulator's pid and the events. Writes the answers as sandbox.sh does, and /var/answers/report.json: all
times in it are milliseconds of one clock. A program /var/backend is started first and ended last; it is what sidecars
send to, outside the function.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

EMULATOR = int(sys.argv[1])
EVENTS = sys.argv[2:]
# Whatever is there this long after its end is taken for what stays for ever.
PATIENCE = 3.0
OURS = {1, os.getpid(), EMULATOR}
# The backend's port, and those of the emulator.
KNOWN_PORTS = {14318, 8080, 9001}


def now():
    return time.monotonic() * 1000


def read(path):
    """A file of /proc, or None where the process has gone meanwhile."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def stat(pid):
    """Of a process: comm, state, ppid, pgid, sid and start time."""
    text = read(f"/proc/{pid}/stat")
    if not text:
        return None
    name, rest = text.decode().split("(", 1)[1].rsplit(")", 1)
    fields = rest.split()
    return name, fields[0], int(fields[1]), int(fields[2]), int(fields[3]), fields[19]


def strings(text):
    return [part.decode(errors="replace") for part in (text or b"").split(b"\0")[:-1]]


class Watch(threading.Thread):
    """Every process that is not ours, with the time of its first and last sight."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen = {}
        self.lock = threading.Lock()

    def run(self):
        while True:
            self.look()
            time.sleep(0.01)

    def look(self):
        """What there is now, zombies too."""
        with self.lock:
            time_of_look = now()
            there = {}
            for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
                found = stat(pid)
                # The driver's child is the backend.
                if pid in OURS or found is None or found[2] == os.getpid():
                    continue
                comm, state, ppid, pgid, sid, start = found
                process = self.seen.setdefault((pid, start), {"pid": pid, "began": time_of_look, "ended": None})
                there[pid, start] = process
                process.update(comm=comm, state=state, ppid=ppid, pgid=pgid, sid=sid)
                if state in "ZX":
                    process["ended"] = process["ended"] or time_of_look
                    continue
                cmdline = strings(read(f"/proc/{pid}/cmdline"))
                # The same until exec: then its environment is another one too.
                if cmdline and cmdline != process.get("cmdline"):
                    process.update(cmdline=cmdline, environment=strings(read(f"/proc/{pid}/environ")))
            for key, process in self.seen.items():
                if key not in there:
                    process["ended"] = process["ended"] or time_of_look
            return list(there.values())

    def wait_for_none(self):
        deadline = time.monotonic() + PATIENCE
        while self.look() and time.monotonic() < deadline:
            time.sleep(0.004)


def listening():
    """The TCP ports that somebody listens on."""
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in (read(table) or b"").decode().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                ports.add(int(fields[1].rsplit(":", 1)[1], 16))
    return sorted(ports - KNOWN_PORTS)


def remote_ports():
    """Of every TCP socket, by inode, the port at the other end."""
    lines = (read("/proc/net/tcp") or b"").decode().splitlines()[1:]
    return {f"socket:[{line.split()[9]}]": int(line.split()[2].rsplit(":", 1)[1], 16) for line in lines}


def descriptors(pid):
    """Of a process, what each descriptor is; of a connection also the port at its other end."""
    remote = remote_ports()
    found = {}
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            link = os.readlink(f"/proc/{pid}/fd/{number}")
        except FileNotFoundError:
            continue
        found[number] = f"{link} to {remote[link]}" if link in remote else link
    return found


def limits(pid):
    """Of a process, the soft and the hard limit by name."""
    found = {}
    for line in (read(f"/proc/{pid}/limits") or b"").decode().splitlines()[1:]:
        found[line[:26].strip()] = line[26:68].split()
    return found


def libraries(pid):
    """The files that are mapped into a process."""
    lines = (read(f"/proc/{pid}/maps") or b"").decode().splitlines()
    return sorted({line[line.index("/") :] for line in lines if "/" in line})


def invoke(event):
    connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=50)
    began = now()
    connection.request("POST", "/2015-03-31/functions/function/invocations", event)
    answer = connection.getresponse()
    body = answer.read().decode()
    took = now() - began
    connection.close()
    return answer.status, body, took


def start_backend():
    """Where /var/backend.port names a port, it listens there before the function can call it."""
    backend = subprocess.Popen(["/var/backend"])
    port = read("/var/backend.port")
    # It is a Python with packages, and the machine may be busy.
    deadline = time.monotonic() + 10 * PATIENCE
    while port and backend.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", int(port))).close()
            return backend
        except ConnectionRefusedError:
            time.sleep(0.004)
    if port:
        raise SystemExit(f"/var/backend does not listen on port {int(port)}; its exit status: {backend.poll()}")
    return backend


def main():
    backend = start_backend() if os.path.exists("/var/backend") else None
    watch = Watch()
    watch.start()
    answers = []
    for number, event in enumerate(EVENTS):
        status, body, took = invoke(event)
        with open(f"/var/answers/{number}", "w") as file:
            file.write(f"{body}\n{status}")
        there = watch.look()
        own = (process["pid"] for process in there if process["ppid"] == EMULATOR and not process["ended"])
        runtime = next(own, None)
        # It ended in this invocation: unless the event says otherwise, all that belongs to it ends before the next one.
        if runtime is None and "hasty" not in json.loads(event):
            watch.wait_for_none()
        answers.append(
            {
                "took": took,
                "runtime": runtime,
                "processes": [{**process, "limits": limits(process["pid"])} for process in there],
                "descriptors": descriptors(runtime) if runtime else {},
                "libraries": libraries(runtime) if runtime else [],
                "listening": listening(),
            }
        )

    told = now()
    os.kill(EMULATOR, signal.SIGTERM)
    watch.wait_for_none()
    if backend:
        backend.terminate()
        backend.wait()
    # With its first child, the emulator tries what the kernel can do.
    processes = [process for process in watch.seen.values() if process["comm"] != "emulator"]
    report = {
        "emulator": EMULATOR,
        "answers": answers,
        "told": told,
        "processes": processes,
        "listening": listening(),
    }
    with open("/var/answers/report.json", "w") as file:
        json.dump(report, file, indent=1)


main()
