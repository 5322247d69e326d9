#!/bin/bash
# What /var/runtime/bootstrap does in every managed runtime; the command is one argument a line.
mapfile -t command </var/runtime/command
# A test may put a program before everything.
before=()
if [ -f /var/runtime/before ]; then
  mapfile -t before </var/runtime/before
fi

if [ -z "$AWS_LAMBDA_EXEC_WRAPPER" ]; then
  exec -- "${before[@]}" "${command[@]}"
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
exec -- "${before[@]}" "$wrapper" "${command[@]}"
