#!/bin/bash
# Puts a tracing handler in front of the function's.
export ORIG_HANDLER="$_HANDLER"
export _HANDLER="serverless_aws_lambda_otel_extension_wrapper_handler.wrapper_handler"
exec "$@"
