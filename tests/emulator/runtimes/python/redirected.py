"""The handler that a profile puts in front of the function's own."""

import os

import app


def handler(event, context):
    original = os.environ.get("ORIG_HANDLER")
    return {**app.handler(event, context), "redirected": True, "original": original}
