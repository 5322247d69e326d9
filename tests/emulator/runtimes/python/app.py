"""The function: answers with what it sees of the process it runs in."""

import os
import sys


def imported(module):
    """The module's MARK, or None where the module is not on the search path."""
    try:
        return __import__(module).MARK
    except ImportError:
        return None


def handler(event, context):
    with open("/proc/self/cmdline") as cmdline:
        argv = cmdline.read().split("\0")[:-1]
    return {
        "env": dict(os.environ),
        "argv": argv,
        "handler": os.environ.get("_HANDLER"),
        "event": event,
        "sys_path": sys.path,
        "hook": imported("hook"),
        "layer": imported("layer_package"),
        "option": sys.flags.dev_mode,
    }
