"""Stands for the handler in New Relic's layer, which no registry has: the agent's own decorator on the function's."""

import os
from importlib import import_module

os.environ.setdefault("NEW_RELIC_APP_NAME", os.environ["AWS_LAMBDA_FUNCTION_NAME"])
os.environ.setdefault("NEW_RELIC_NO_CONFIG_FILE", "true")
os.environ.setdefault("NEW_RELIC_SERVERLESS_MODE_ENABLED", "true")

# It reads the variables when it is imported.
import newrelic.agent

newrelic.agent.initialize()
module, name = os.environ["NEW_RELIC_LAMBDA_HANDLER"].rsplit(".", 1)
handler = newrelic.agent.lambda_handler()(getattr(import_module(module.replace("/", ".")), name))
