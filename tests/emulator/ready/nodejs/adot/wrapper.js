// In the place of the layer's file of this name, which is in no package registry. What it loads is AWS's distribution.
require("@aws/aws-distro-opentelemetry-node-autoinstrumentation/register");
