#!/bin/bash
# What SERVE_CMD names: says whether it has the function's credentials, and becomes the server.
echo "key: $AWS_SECRET_ACCESS_KEY"
exec /usr/bin/redis-server --port 0 --unixsocket /tmp/redis.sock --save ''
