#!/bin/sh
# Sends the runtime's calls to a proxy, whose port may be chosen.
AWS_LAMBDA_RUNTIME_API="127.0.0.1:${LRAP_LISTENER_PORT:-8082}"
export AWS_LAMBDA_RUNTIME_API
exec "$@"
