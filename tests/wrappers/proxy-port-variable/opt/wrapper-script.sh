#!/bin/bash
# Sends the runtime's calls to a proxy, whose port may be chosen.
port="${LRAP_LISTENER_PORT:-9009}"
export AWS_LAMBDA_RUNTIME_API="127.0.0.1:$port"
exec "$@"
