"""The function: knows nothing of tracing; asked to, it waits until so many spans have arrived, crashes or hangs."""

import os
import time


def arrived():
    try:
        with open("/var/answers/spans") as file:
            return sum(1 for _ in file)
    except FileNotFoundError:
        return 0


def handler(event, context):
    if "crash" in event:
        os._exit(7)
    if "hang" in event:
        time.sleep(60)
    deadline = time.monotonic() + 10
    while arrived() < event.get("await", 0) and time.monotonic() < deadline:
        time.sleep(0.01)
    return {"event": event, "arrived": arrived(), "original": os.environ["ORIG_HANDLER"]}
