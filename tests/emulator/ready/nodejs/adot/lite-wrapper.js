// The light start of AWS's distribution, in the place of the layer's file of this name.
require("@aws/aws-distro-opentelemetry-node-autoinstrumentation/lite").configureLiteMode();
