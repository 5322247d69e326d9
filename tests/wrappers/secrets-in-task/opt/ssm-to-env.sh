#!/bin/bash
# Puts what a program writes into the environment, by way of a file beside the function.
command=("$@")
"./nest-secrets-$(uname)-amd64" >tmp.env
set -o allexport
source tmp.env
set +o allexport
rm tmp.env
exec ${command[@]}
