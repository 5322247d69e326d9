"""The function: does what the event says."""

import os
import signal
import time


def handler(event, context):
    what = event["do"]
    if what == "sleep":
        time.sleep(60)
    elif what == "crash":
        os._exit(7)
    elif what == "exit":
        os._exit(0)
    elif what == "ignore SIGTERM":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    elif what == "signal the group":
        before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
        child = os.fork()
        if child == 0:
            os.killpg(0, signal.SIGTERM)
            os._exit(0)
        os.waitpid(child, 0)
        signal.signal(signal.SIGTERM, before)
    return {"done": what}
