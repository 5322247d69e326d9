#!/bin/bash
# Has Node.js load a library before everything else.
export NODE_OPTIONS="--require /opt/sls-sdk-node $NODE_OPTIONS"
exec "$@"
