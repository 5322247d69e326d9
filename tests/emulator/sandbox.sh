# Runs one function under the emulator; it is PID 1 of its own namespaces.
# Arguments: CASE EMULATOR LANG PACKAGES COUNT VARIABLE=VALUE{COUNT} EVENT...
# CASE holds what becomes /var, with layer, task and runtime in it. Each answer becomes
# /var/answers/N: the body, then a line with the HTTP status. A driver in CASE does this in
# the place of the loop below: its arguments are the emulator's pid and the events. PYTHON, if
# it is set, is an installation of Python that the driver finds as /var/python. Each line of MOUNTS
# is a directory and the place below CASE where it is shown.
set -eu
case=$1 emulator=$2 lang=$3 packages=$4 count=$5
shift 5
environment=("${@:1:count}")
shift "$count"

# The function has no descriptors but its own, whatever the tests were started with.
for descriptor in /proc/$$/fd/*; do
  descriptor=${descriptor##*/}
  if [ "$descriptor" -gt 2 ]; then
    exec {descriptor}>&-
  fi
done

ip link set lo up
if [ -n "$packages" ]; then
  mount -t overlay overlay -o "lowerdir=$packages/usr:/usr" /usr
fi
# What comes from outside is mounted below CASE first: /var, /tmp and /opt may hide it.
mount --rbind "$lang" "$case/lang"
mount --bind "$emulator" "$case/emulator"
if [ -n "${PYTHON:-}" ]; then
  mount --rbind "$PYTHON" "$case/python"
fi
while IFS=$'\t' read -r from at; do
  mount --bind "$from" "$case/$at"
  mount -o remount,bind,ro "$case/$at"
done < <(printf '%s' "${MOUNTS:+$MOUNTS$'\n'}")
mount --rbind "$case" /var
mount --bind /var/tmp /tmp
mount --rbind /var/layer /opt
mount --rbind /var/task /var/task
mount --rbind /var/runtime /var/runtime
for place in /opt /var/task /var/runtime; do
  mount -o remount,bind,ro "$place"
done

cd /var/task
# Nor does it see which signals whoever runs the tests has ignored, as nohup does.
env -i --default-signal "${environment[@]}" /var/emulator &
running=$!
until (: </dev/tcp/127.0.0.1/8080) 2>/dev/null; do
  kill -0 "$running"
  sleep 0.005
done
if [ -x /var/driver ]; then
  /var/driver "$running" "$@"
else
  number=0
  for event in "$@"; do
    curl --silent --show-error --data-raw "$event" --write-out '\n%{http_code}' \
      http://127.0.0.1:8080/2015-03-31/functions/function/invocations >"/var/answers/$number"
    number=$((number + 1))
  done
fi
# A driver may have ended it.
kill -TERM "$running" 2>/dev/null || true
wait "$running" || true
