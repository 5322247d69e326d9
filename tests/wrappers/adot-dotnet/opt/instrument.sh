# Sourced: a `return` ends the wrapper, and the runtime is never started.
if [ -z "$OS_TYPE" ]; then
  OS_TYPE=$(uname -s)
  if [ "$OS_TYPE" = "Linux" ]; then
    if ldd /bin/ls | grep -q musl; then
      OS_TYPE="linux-musl"
    else
      OS_TYPE="linux-glibc"
    fi
  fi
fi
case "$OS_TYPE" in
  linux-glibc) system="linux" ;;
  linux-musl) system="linux-musl" ;;
  *)
    echo "cannot instrument on $OS_TYPE" >&2
    return 2
    ;;
esac
if [ -z "$ARCHITECTURE" ]; then
  case "$(uname -m)" in
    x86_64) ARCHITECTURE="x64" ;;
    aarch64) ARCHITECTURE="arm64" ;;
  esac
fi
case "$ARCHITECTURE" in
  x64 | arm64) ;;
  *)
    echo "cannot instrument for '$ARCHITECTURE'" >&2
    return 2
    ;;
esac
if [ -z "$ENABLE_PROFILING" ]; then
  ENABLE_PROFILING="true"
fi
case "$ENABLE_PROFILING" in
  true | false) ;;
  *)
    echo "ENABLE_PROFILING is true or false" >&2
    return 2
    ;;
esac
OTEL_DOTNET_AUTO_HOME=$(readlink -fn /opt)
export OTEL_DOTNET_AUTO_HOME
if [ -z "$(ls -A "$OTEL_DOTNET_AUTO_HOME")" ]; then
  echo "there is nothing in $OTEL_DOTNET_AUTO_HOME" >&2
  return 1
fi
in_front() {
  if [ -z "$2" ]; then
    echo "$1"
  else
    echo "$1:$2"
  fi
}
DOTNET_ADDITIONAL_DEPS=$(in_front "$OTEL_DOTNET_AUTO_HOME/AdditionalDeps" "$DOTNET_ADDITIONAL_DEPS")
DOTNET_SHARED_STORE=$(in_front "$OTEL_DOTNET_AUTO_HOME/store" "$DOTNET_SHARED_STORE")
DOTNET_STARTUP_HOOKS=$(in_front "$OTEL_DOTNET_AUTO_HOME/net/OpenTelemetry.AutoInstrumentation.StartupHook.dll" "$DOTNET_STARTUP_HOOKS")
export DOTNET_ADDITIONAL_DEPS DOTNET_SHARED_STORE DOTNET_STARTUP_HOOKS
if [ "$ENABLE_PROFILING" = "true" ]; then
  export CORECLR_ENABLE_PROFILING="1"
  export CORECLR_PROFILER="{918728DD-259F-4A6A-AC2B-B85E1B658318}"
  export CORECLR_PROFILER_PATH="$OTEL_DOTNET_AUTO_HOME/$system-$ARCHITECTURE/OpenTelemetry.AutoInstrumentation.Native.so"
  export OTEL_DOTNET_AUTO_PLUGINS="AWS.Distro.OpenTelemetry.AutoInstrumentation.Plugin, AWS.Distro.OpenTelemetry.AutoInstrumentation"
  export OTEL_INSTRUMENTATION_AWS_LAMBDA_HANDLER="$_HANDLER"
  export _HANDLER="AWS.Distro.OpenTelemetry.AutoInstrumentation::AWS.Distro.OpenTelemetry.AutoInstrumentation.LambdaWrapper::TracingFunctionHandler"
fi
default() {
  eval "value=\$$1"
  if [ -z "$value" ]; then
    export "$1=$2"
  fi
}
default OTEL_EXPORTER_OTLP_PROTOCOL "http/protobuf"
default OTEL_SERVICE_NAME "$AWS_LAMBDA_FUNCTION_NAME"
default OTEL_AWS_APPLICATION_SIGNALS_ENABLED "true"
default OTEL_METRICS_EXPORTER "none"
default OTEL_LOGS_EXPORTER "none"
default OTEL_DOTNET_AUTO_TRACES_INSTRUMENTATION_ENABLED "false"
default OTEL_DOTNET_AUTO_METRICS_INSTRUMENTATION_ENABLED "false"
LAMBDA_RESOURCE_ATTRIBUTES="cloud.region=$AWS_REGION,cloud.platform=aws_lambda,cloud.provider=aws"
LAMBDA_RESOURCE_ATTRIBUTES="$LAMBDA_RESOURCE_ATTRIBUTES,faas.name=$AWS_LAMBDA_FUNCTION_NAME,faas.version=$AWS_LAMBDA_FUNCTION_VERSION"
LAMBDA_RESOURCE_ATTRIBUTES="$LAMBDA_RESOURCE_ATTRIBUTES,faas.instance=$AWS_LAMBDA_LOG_STREAM_NAME,aws.log.group.names=$AWS_LAMBDA_LOG_GROUP_NAME"
if [ -z "$OTEL_RESOURCE_ATTRIBUTES" ]; then
  export OTEL_RESOURCE_ATTRIBUTES="$LAMBDA_RESOURCE_ATTRIBUTES"
else
  export OTEL_RESOURCE_ATTRIBUTES="$LAMBDA_RESOURCE_ATTRIBUTES,$OTEL_RESOURCE_ATTRIBUTES"
fi
if [ -z "$OTEL_EXPORTER_OTLP_ENDPOINT" ] && [ -z "$OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" ]; then
  export OTEL_TRACES_EXPORTER="none"
fi
export OTEL_DOTNET_AUTO_TRACES_ASPNETCORE_INSTRUMENTATION_ENABLED="true"
export OTEL_DOTNET_AUTO_TRACES_HTTPCLIENT_INSTRUMENTATION_ENABLED="true"
export OTEL_AWS_APPLICATION_SIGNALS_RUNTIME_ENABLED="false"
exec "${@//$OTEL_INSTRUMENTATION_AWS_LAMBDA_HANDLER/$_HANDLER}"
