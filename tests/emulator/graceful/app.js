// The function: hears SIGTERM.
const fs = require("node:fs");

process.on("SIGTERM", () => {
  fs.writeSync(1, "SIGTERM was heard\n");
  process.exit(0);
});

exports.handler = async (event) => ({ event, runtime: "node" });
