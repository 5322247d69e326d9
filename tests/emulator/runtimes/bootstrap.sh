#!/bin/bash
# What /var/runtime/bootstrap does in every managed runtime; the command is one argument a line.
mapfile -t command </var/runtime/command

if [ -z "$AWS_LAMBDA_EXEC_WRAPPER" ]; then
  exec -- "${command[@]}"
fi

wrapper="$AWS_LAMBDA_EXEC_WRAPPER"
if [ ! -f "$wrapper" ]; then
  echo "$wrapper: does not exist"
  exit 127
fi
if [ ! -x "$wrapper" ]; then
  echo "$wrapper: is not an executable"
  exit 126
fi
exec -- "$wrapper" "${command[@]}"
