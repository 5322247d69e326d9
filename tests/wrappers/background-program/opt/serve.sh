#!/bin/bash
# Starts a server beside the runtime.
if [ -z "$SERVE_CMD" ]; then
  echo "SERVE_CMD is missing"
  exit 1
fi
( $SERVE_CMD ) &
echo "started '$SERVE_CMD' as process $!"
exec "$@"
