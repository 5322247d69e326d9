// A web server: answers an event with what it sees of the process it runs in.
const fs = require("node:fs");
const http = require("node:http");

const SPANS = "/var/answers/spans";

// That of an event: the adapter's look whether anybody listens may be a span as well.
const hasArrived = () => fs.existsSync(SPANS) && fs.readFileSync(SPANS, "utf8").includes("/events");

async function arrived() {
  const deadline = Date.now() + 10000;
  while (!hasArrived() && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return hasArrived();
}

const server = http.createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  const event = body ? JSON.parse(body) : {};
  const answer = {
    event,
    pid: process.pid,
    env: process.env,
    argv: fs.readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(0, -1),
    arrived: event.await ? await arrived() : null,
  };
  response.end(JSON.stringify(answer));
});
server.listen(process.env.AWS_LWA_PORT, "127.0.0.1");

process.on("SIGTERM", () => {
  console.log("SIGTERM was heard");
  process.exit();
});
