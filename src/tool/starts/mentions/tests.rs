use super::*;

fn of(text: &str) -> Mentions {
    mentions(b"/opt/own", &[text.as_bytes()])
}

fn read(mentions: &Mentions) -> Vec<&str> {
    named(mentions, Use::Read)
}

fn named(mentions: &Mentions, wanted: Use) -> Vec<&str> {
    let names = mentions.variables.iter().filter(|(_, usage)| **usage == wanted);
    names.map(|(name, _)| std::str::from_utf8(name).unwrap()).collect()
}

fn words<'m>(mentions: &'m Mentions, name: &str) -> Vec<&'m str> {
    let words = mentions.words.get(name.as_bytes()).into_iter().flatten();
    words.map(|word| std::str::from_utf8(word).unwrap()).collect()
}

fn files(mentions: &Mentions) -> Vec<(&str, FileUse)> {
    mentions.files.iter().map(|(path, usage)| (std::str::from_utf8(path).unwrap(), *usage)).collect()
}

#[test]
fn bash() {
    let mentions = of(r#"#!/bin/bash
# $NOT_THIS and /opt/not/this
AGENT=/opt/agent
export TRACE_LEVEL="${TRACE_LEVEL:-info}"   # nor $THIS_ONE
if [[ "$TRACE_MODE" == "deep" || $TRACE_MODE = flat ]] && \
   [ -z "$TRACE_OFF" ]; then
    export NODE_OPTIONS="${NODE_OPTIONS} --require ${AGENT}/hook.js"
fi
shallow=$(echo "$TRACE_CASE" | tr '[:upper:]' '[:lower:]')
if [[ $shallow =~ ^(1|t|true)$ ]]; then
    export TRACE_RESULT=yes
fi
case "$AWS_EXECUTION_ENV" in
    *java*|AWS_Lambda_python3.9) kind=jvm ;;
    *) kind=other ;;
esac
args=("$@")
for i in "${args[@]}"; do
    [ "$i" = "-XX:-TieredCompilation" ] && continue
done
. "$AGENT/lib.sh"
awk '{ print $NOPE }' "${LAMBDA_TASK_ROOT}/package.json"
[ -f settings.env ] && source ./settings.env
mkdir -p /tmp/trace
exec "$AGENT/run" -XX:+UseSerialGC "${args[@]}"
"#);
    assert_eq!(
        read(&mentions),
        [
            "AWS_EXECUTION_ENV",
            "LAMBDA_TASK_ROOT",
            "NODE_OPTIONS",
            "TRACE_CASE",
            "TRACE_LEVEL",
            "TRACE_MODE",
            "TRACE_OFF"
        ]
    );
    assert_eq!(named(&mentions, Use::Written), ["AGENT", "TRACE_RESULT"]);
    assert_eq!(words(&mentions, "TRACE_LEVEL"), ["info"]);
    assert_eq!(words(&mentions, "TRACE_MODE"), ["deep", "flat"]);
    assert_eq!(words(&mentions, "TRACE_CASE"), ["1", "t", "true"]);
    assert_eq!(words(&mentions, "AWS_EXECUTION_ENV"), ["AWS_Lambda_python3.9", "java"]);
    assert_eq!(
        files(&mentions),
        [
            ("/opt/agent/hook.js", FileUse::Named),
            ("/opt/agent/lib.sh", FileUse::Sourced),
            ("/opt/agent/run", FileUse::Started),
            ("/tmp/trace", FileUse::Folder),
            ("/var/task/package.json", FileUse::Named),
            ("/var/task/settings.env", FileUse::Sourced),
        ]
    );
    assert!(mentions.arguments.contains(&b"-XX:-TieredCompilation"[..]));
    assert!(mentions.arguments.contains(&b"-XX:+UseSerialGC"[..]));
    assert!(!mentions.arguments.contains(&b"--require"[..]));
}

#[test]
fn sh() {
    let mentions = of(r#"#!/bin/sh
: "${PROBE_PORT:=9123}"
unset PROBE_OLD
if [ -n "$PROBE_HOME" ] && [ -x "$PROBE_HOME/bin/probe" ]; then set -- probe "$@"; fi
if [ -d /opt/probe/extra ]; then
  LD_LIBRARY_PATH=/opt/probe/extra:$LD_LIBRARY_PATH; export LD_LIBRARY_PATH
fi
PROBE_TAGS=$PROBE_TAGS,kind=probe
case $PROBE_MODE in on) : ;; off|never) PROBE_PORT=0 ;; esac
ls /var/task/*.mjs https://example.com/opt/none >/dev/null 2>&1
[ -f "/opt/probe-${PROBE_MODE}.conf" ]
./bin/first "${PROBE_FROM:-/opt/probe/from}" =1
/opt/probe/start && exec "$@"
"#);
    assert_eq!(
        read(&mentions),
        ["LD_LIBRARY_PATH", "PROBE_FROM", "PROBE_HOME", "PROBE_MODE", "PROBE_PORT", "PROBE_TAGS"]
    );
    assert_eq!(named(&mentions, Use::Written), ["PROBE_OLD"]);
    assert_eq!(words(&mentions, "PROBE_PORT"), ["9123"]);
    assert_eq!(words(&mentions, "PROBE_MODE"), ["never", "off", "on"]);
    assert_eq!(words(&mentions, "PROBE_FROM"), ["/opt/probe/from"]);
    assert_eq!(
        files(&mentions),
        [
            ("/opt/probe/extra", FileUse::Folder),
            ("/opt/probe/from", FileUse::Named),
            ("/opt/probe/start", FileUse::Started),
            ("/var/task/bin/first", FileUse::Started),
            ("/var/task/example.mjs", FileUse::Named)
        ]
    );
}

#[test]
fn python() {
    let mentions = of(r#"#!/usr/bin/env python3
import os, sys
ROOT = "/opt/prober"
# os.environ["NOT_THIS"]
mode = os.environ.get("PROBER_MODE", "lazy").lower()
if mode == "eager" or "PROBER_FORCE" in os.environ:
    os.environ["PROBER_RESULT"] = "on"
if os.getenv('PROBER_LEVEL') in ('high', 'low'):
    os.environ.setdefault("PROBER_TARGET", f"{ROOT}/target.txt")
print("PROBER_MODE is set", "loud")
hook = os.path.join(ROOT, "hooks", "first.py")
args = sys.argv[1:]
args.insert(1, "--verbose")
os.execv("/opt/prober/exe", args)
"#);
    assert_eq!(read(&mentions), ["PROBER_FORCE", "PROBER_LEVEL", "PROBER_MODE", "PROBER_TARGET"]);
    assert_eq!(named(&mentions, Use::Written), ["PROBER_RESULT"]);
    assert_eq!(words(&mentions, "PROBER_LEVEL"), ["high", "low"]);
    assert!(words(&mentions, "PROBER_MODE").contains(&"eager"));
    assert!(words(&mentions, "PROBER_MODE").contains(&"lazy"));
    assert!(!words(&mentions, "PROBER_MODE").contains(&"loud"));
    assert_eq!(
        files(&mentions),
        [
            ("/opt/prober/exe", FileUse::Started),
            ("/opt/prober/hooks/first.py", FileUse::Named),
            ("/opt/prober/target.txt", FileUse::Named)
        ]
    );
    assert_eq!(mentions.arguments.iter().collect::<Vec<_>>(), [&b"--verbose"[..]]);
}

#[test]
fn ruby() {
    let mentions = of(r##"#!/usr/bin/env ruby
base = "/opt/gauge"
ENV["GAUGE_NAME"] ||= ENV.fetch("AWS_LAMBDA_FUNCTION_NAME", "none")
ENV["GAUGE_DONE"] = "1"
case ENV["GAUGE_KIND"]
when "slow", "fast" then $stderr.puts "GAUGE"
when /^(exact|rough)$/ then nil
end
ENV.delete("GAUGE_OLD") unless ENV.key?("GAUGE_KEEP")
load "#{base}/extra.rb" if File.exist?("#{base}/extra.rb")
exec(*ARGV)
"##);
    assert_eq!(read(&mentions), ["AWS_LAMBDA_FUNCTION_NAME", "GAUGE_KEEP", "GAUGE_KIND", "GAUGE_NAME", "GAUGE_OLD"]);
    assert_eq!(named(&mentions, Use::Written), ["GAUGE_DONE"]);
    assert_eq!(words(&mentions, "GAUGE_KIND"), ["exact", "fast", "rough", "slow"]);
    assert_eq!(files(&mentions), [("/opt/gauge/extra.rb", FileUse::Named)]);
}

#[test]
fn javascript() {
    let mentions = of(r#"#!/usr/bin/env node
// process.env.NOT_THIS
const { METER_A, METER_B } = process.env;
if (process.env.METER_MODE === 'wide' || /^(on|yes)$/.test(process.env["METER_ON"])) {
  process.env.METER_OUT = `${METER_A}x`;
}
"#);
    assert_eq!(read(&mentions), ["METER_A", "METER_B", "METER_MODE", "METER_ON"]);
    assert_eq!(named(&mentions, Use::Written), ["METER_OUT"]);
    assert!(words(&mentions, "METER_MODE").contains(&"wide"));
    assert!(words(&mentions, "METER_ON").contains(&"yes"));
}

#[test]
fn binary() {
    let mentions =
        mentions(b"/opt/own", &[b"\x7fELF\0\x01OTEL_SERVICE_NAME\0ERR_SOMETHING_BAD\0xx/opt/no\0/opt/agent.jar\0\xff"]);
    assert_eq!(read(&mentions), ["OTEL_SERVICE_NAME"]);
    assert_eq!(files(&mentions), [("/opt/agent.jar", FileUse::Named)]);
}

#[test]
fn a_script_that_another_reads_adds_to_it() {
    let outer = "OUTER_HOME=$(dirname \"$0\")/outer\n. $OUTER_HOME/inner\n";
    let inner = "if [ $OUTER_HOME/x = \"$INNER_FLAG\" ]; then . ${OUTER_HOME}/more; fi\n";
    let mentions = mentions(b"/opt/own", &[outer.as_bytes(), inner.as_bytes()]);
    assert_eq!(read(&mentions), ["INNER_FLAG"]);
    assert_eq!(named(&mentions, Use::Written), ["OUTER_HOME"]);
    let paths = ["/opt/outer/inner", "/opt/outer/more", "/opt/outer/x"];
    assert_eq!(files(&mentions).iter().map(|(path, _)| *path).collect::<Vec<_>>(), paths);
}

#[test]
fn any_bytes_are_read() {
    proptest::proptest!(|(bytes: Vec<u8>, text in "[$={}/ a-cA-C_'\"\\\\\n#|()*.-]{0,80}")| {
        mentions(b"/opt/own", &[&bytes, text.as_bytes()]);
        for path in mentions(b"/opt/own", &[text.as_bytes()]).files.keys() {
            proptest::prop_assert!(path.starts_with(b"/") && !path.ends_with(b"/"));
        }
    });
}
