"""The function: talks to a sidecar, and ends in the ways in which functions end."""

import os
import resource
import signal
import socket
import time


def until(done):
    """Waits for it; what never comes is found by the test."""
    deadline = time.monotonic() + 5
    while not done() and time.monotonic() < deadline:
        time.sleep(0.005)


def processes(name):
    """The processes of a program, by pid, and the parent of each."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                comm, rest = file.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if comm == name and rest.split()[0] not in "ZX":
            found[int(pid)] = int(rest.split()[1])
    return found


def kill(whom, name):
    """Kills a server, or who has started it."""
    (leader,) = [(pid, parent) for pid, parent in processes(name).items() if parent not in processes(name)]
    if whom == "server":
        os.kill(leader[0], signal.SIGKILL)
        until(lambda: leader[0] not in processes(name) and processes(name))
    else:
        os.kill(leader[1], signal.SIGKILL)
        until(lambda: not processes(name))
    return len(processes(name))


def talk(address, text, end):
    """What is answered to `text` until `end` comes, or all of it where there is no `end`."""
    if address.startswith("/"):
        family, place = socket.AF_UNIX, address
    else:
        host, port = address.split(":")
        family, place = socket.AF_INET, (host, int(port))
    with socket.socket(family) as connection:
        connection.settimeout(5)
        connection.connect(place)
        connection.sendall(text.encode())
        received = ""
        while end is None or not received.endswith(end):
            chunk = connection.recv(65536).decode()
            if not chunk:
                break
            received += chunk
        return received


def handler(event, context):
    if "crash" in event:
        os._exit(7)
    if "hang" in event:
        time.sleep(60)
    answer = {"env": dict(os.environ)}
    if "kill" in event:
        answer["left"] = kill(**event["kill"])
    if "talk" in event:
        answer["received"] = talk(**event["talk"])
    if "directories" in event:
        answer["directories"] = [os.path.isdir(directory) for directory in event["directories"]]
        limits = ("CORE", "NOFILE", "STACK", "DATA")
        answer["limits"] = {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in limits}
    return answer
