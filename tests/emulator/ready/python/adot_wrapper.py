"""Stands for the handler in the layer of AWS's distribution, which no registry has.

With the fast start it sets up the distribution's small SDK; without, sitecustomize has set up everything but the
instrumentation of the handler, which is left to this file.
"""

import os
from importlib import import_module

from opentelemetry.instrumentation.aws_lambda import AwsLambdaInstrumentor

if os.environ["OTEL_AWS_LAMBDA_FAST_START"].lower() == "true":
    from amazon.opentelemetry.distro.opentelemetry_lite_sdk import configure_lite_mode

    configure_lite_mode()
AwsLambdaInstrumentor().instrument(skip_dep_check=True)

module, name = os.environ["ORIG_HANDLER"].rsplit(".", 1)
lambda_handler = getattr(import_module(module.replace("/", ".")), name)
