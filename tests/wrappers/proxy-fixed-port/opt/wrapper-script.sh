#!/bin/bash
# Sends the runtime's calls to a proxy.
export AWS_LAMBDA_RUNTIME_API="127.0.0.1:9009"
exec "$@"
