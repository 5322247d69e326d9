# Sourced by the handlers' scripts.
say() {
  echo "newrelic: "$1
}
detail() {
  if [ "$NEW_RELIC_EXTENSION_LOG_LEVEL" = "DEBUG" ]; then
    say "$1"
  fi
}
find_java() {
  if type -p java; then
    java=java
    say "java found"
  elif [ -n "$JAVA_HOME" ] && [ -x "$JAVA_HOME/bin/java" ]; then
    java="$JAVA_HOME/bin/java"
    say "java found below JAVA_HOME"
  else
    java=""
    say "no java found"
  fi
}
attach() {
  export JAVA_TOOL_OPTIONS="-javaagent:/opt/newrelic/newrelic.jar $JAVA_TOOL_OPTIONS"
}
attach_where_possible() {
  find_java
  if [ -z "$java" ]; then
    attach
    return
  fi
  version=$("$java" -version 2>&1 | awk -F '"' '/version/ { print $2 }')
  detail "java's version is $version"
  # These compare texts.
  if [[ "$version" > "17" || "$version" == "17" ]]; then
    attach
  else
    say "the agent needs Java 17"
  fi
}
default() {
  if [ -z "${!1}" ]; then
    export "$1=$2"
  fi
}
settings() {
  default NEW_RELIC_APPLICATION_LOGGING_FORWARDING_ENABLED false
  default NEW_RELIC_CROSS_APPLICATION_TRACER_ENABLED false
  default NEW_RELIC_SPAN_EVENTS_COLLECT_SPAN_EVENTS true
  default NEW_RELIC_TRANSACTION_TRACER_COLLECT_TRACES true
  default NEW_RELIC_APP_NAME lambda-function
  if [ -z "$NEW_RELIC_LOG_FILE_PATH" ]; then
    mkdir -p /tmp/logs
    export NEW_RELIC_LOG_FILE_PATH="/tmp/logs/"
  fi
  export NEW_RELIC_SERVERLESS_MODE_ENABLED=true
  export NEW_RELIC_ENABLE_AUTO_APP_NAMING=false
}
