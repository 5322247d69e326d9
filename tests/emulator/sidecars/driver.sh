#!/bin/bash
# Does what a test tells it on its standard input, a command a line. Its argument is the emulator's pid.
emulator=$1

# Invokes the function with each of the events behind NUMBER, one right after the other on one connection. The answers
# are /var/answers/NUMBER and those that follow: the body, then a line with the HTTP status.
invoke() {
  local number=$1 event status header length body
  shift
  exec 3<>/dev/tcp/127.0.0.1/8080
  for event in "$@"; do
    printf 'POST /2015-03-31/functions/function/invocations HTTP/1.1\r\nHost: emulator\r\n' >&3
    printf 'Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "${#event}" "$event" >&3
    read -r _ status _ <&3
    length=0
    while IFS= read -r header <&3 && [ "$header" != $'\r' ]; do
      if [[ ${header,,} == content-length:* ]]; then
        length=${header//[^0-9]/}
      fi
    done
    body=
    if [ "$length" -gt 0 ]; then
      IFS= read -r -N "$length" body <&3
    fi
    printf '%s\n%s' "$body" "$status" >"/var/answers/$number"
    number=$((number + 1))
  done
  exec 3>&-
}

while IFS= read -r line; do
  eval "$line"
done
