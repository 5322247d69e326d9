#!/bin/bash
# Sends the runtime's calls to a proxy and tells the proxy where they belong.
export LRAP_RUNTIME_API_ENDPOINT="$AWS_LAMBDA_RUNTIME_API"
export AWS_LAMBDA_RUNTIME_API="127.0.0.1:9009"
exec "$@"
