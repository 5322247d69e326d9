#!/bin/bash
# The same ten changes in bash, with builtins alone: a wrapper that calls sed or dirname costs far more.

export OTEL_SERVICE_NAME="${OTEL_SERVICE_NAME:-$AWS_LAMBDA_FUNCTION_NAME}"
export OTEL_PROPAGATORS="${OTEL_PROPAGATORS:-tracecontext,baggage,xray}"
export OTEL_EXPORTER_OTLP_ENDPOINT="${OTEL_EXPORTER_OTLP_ENDPOINT:-http://localhost:4318}"
export OTEL_EXPORTER_OTLP_PROTOCOL="${OTEL_EXPORTER_OTLP_PROTOCOL:-http/protobuf}"
export OTEL_TRACES_EXPORTER=otlp
unset OTEL_METRICS_EXPORTER

attributes=
for pair in "cloud.provider=aws" "cloud.region=$AWS_REGION" \
    "faas.name=$AWS_LAMBDA_FUNCTION_NAME" "faas.version=$AWS_LAMBDA_FUNCTION_VERSION"; do
    if [[ ",$OTEL_RESOURCE_ATTRIBUTES" != *",${pair%%=*}="* ]]; then
        attributes="$attributes$pair,"
    fi
done
attributes="$attributes$OTEL_RESOURCE_ATTRIBUTES"
export OTEL_RESOURCE_ATTRIBUTES="${attributes%,}"

if [[ -z "$PYTHONPATH" ]]; then
    export PYTHONPATH="/opt/python:$LAMBDA_RUNTIME_DIR"
else
    export PYTHONPATH="/opt/python:$LAMBDA_RUNTIME_DIR:$PYTHONPATH"
fi

export ORIG_HANDLER="$_HANDLER"
export _HANDLER=otel_wrapper.lambda_handler

exec "$@"
