"""The handler that the profile puts in front of the function's own, which is instrumented by now."""

import os
from importlib import import_module

module, name = os.environ["ORIG_HANDLER"].rsplit(".", 1)
lambda_handler = getattr(import_module(module.replace("/", ".")), name)
