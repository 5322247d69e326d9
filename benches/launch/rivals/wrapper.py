"""The same ten changes in Python."""

import os
import sys

env = os.environ


def default(name, text):
    env[name] = env.get(name) or text


default("OTEL_SERVICE_NAME", env.get("AWS_LAMBDA_FUNCTION_NAME", ""))
default("OTEL_PROPAGATORS", "tracecontext,baggage,xray")
default("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
default("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
env["OTEL_TRACES_EXPORTER"] = "otlp"
env.pop("OTEL_METRICS_EXPORTER", None)

old = [pair for pair in env.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",") if pair]
known = {pair.partition("=")[0] for pair in old}
ours = {
    "cloud.provider": "aws",
    "cloud.region": env.get("AWS_REGION", ""),
    "faas.name": env.get("AWS_LAMBDA_FUNCTION_NAME", ""),
    "faas.version": env.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
}
new = [f"{key}={value}" for key, value in ours.items() if key not in known]
env["OTEL_RESOURCE_ATTRIBUTES"] = ",".join(new + old)

front = ["/opt/python", env.get("LAMBDA_RUNTIME_DIR", "")]
rest = [path for path in env.get("PYTHONPATH", "").split(":") if path and path not in front]
env["PYTHONPATH"] = ":".join(front + rest)

env["ORIG_HANDLER"] = env.get("_HANDLER", "")
env["_HANDLER"] = "otel_wrapper.lambda_handler"

os.execv(sys.argv[1], sys.argv[1:])
