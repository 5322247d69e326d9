#!/bin/sh
# Fuzzes the profile parser and the plan for SECONDS (60 when not given), from the profiles that ship. What follows goes
# to libFuzzer.
#
# cargo-fuzz (`cargo install cargo-fuzz`) wants a nightly compiler for its flags; RUSTC_BOOTSTRAP=1 lets a stable one
# take them. What is found is written to fuzz/artifacts; what it learned stays in fuzz/corpus.
set -eu
seconds=${1:-60}
[ $# -eq 0 ] || shift
cd "$(dirname "$0")"
mkdir -p corpus/profile_parser
for profile in ../profiles/*.toml ../examples/*/forerun.toml; do
    cp "$profile" "corpus/profile_parser/$(echo "$profile" | tr -c 'a-z0-9\n' -)"
done
# The examples of the reference, one file each: they have every form of the language.
awk '/^```toml/ { inside = 1; number++; next } /^```/ { inside = 0 } inside { print > ("corpus/profile_parser/reference-" number) }' \
    ../docs/profile.md
export RUSTC_BOOTSTRAP=1
exec cargo fuzz run --sanitizer "${SANITIZER:-address}" profile_parser -- \
    -max_total_time="$seconds" -max_len=4096 -timeout=5 -dict=profile.dict -print_final_stats=1 "$@"
