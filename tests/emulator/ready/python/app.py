"""The function: knows nothing of agents; makes a call to the backend, and answers with what it sees of its process."""

import json
import os
import urllib.request

BACKEND = "http://127.0.0.1:14318/call"


def imported(module):
    """The module's MARK, or None where the module is not on the search path."""
    try:
        return __import__(module).MARK
    except ImportError:
        return None


def handler(event, context):
    with urllib.request.urlopen(BACKEND, data=json.dumps(event).encode()) as answer:
        status = answer.status
    with open("/proc/self/cmdline") as cmdline:
        argv = cmdline.read().split("\0")[:-1]
    return {
        "event": event,
        "argv": argv,
        "env": dict(os.environ),
        "status": status,
        "layer": imported("layer_package"),
    }
