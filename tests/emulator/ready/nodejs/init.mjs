// In the place of the layer's file of this name, which is in no package registry. All that it loads is the real thing.
import { register } from "node:module";
import { getPropagator } from "@opentelemetry/auto-configuration-propagators";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { AwsLambdaInstrumentation } from "@opentelemetry/instrumentation-aws-lambda";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { detectResources, envDetector } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const tracerProvider = new NodeTracerProvider({
  resource: detectResources({ detectors: [envDetector] }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
tracerProvider.register({ propagator: getPropagator() });

// Functions that are ES modules are not seen without this.
register("import-in-the-middle/hook.mjs", import.meta.url);

// The one for handlers sends what there is before each answer.
registerInstrumentations({
  tracerProvider,
  instrumentations: [new AwsLambdaInstrumentation(), new HttpInstrumentation()],
});
