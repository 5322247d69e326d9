// A small client of the Runtime API in the place of the managed runtime's index.mjs: it
// takes the handler from _HANDLER only and loads it with require().
const http = require("node:http");
const path = require("node:path");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, route, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host, port, method, agent, path: `/2018-06-01/runtime${route}` },
      async (response) => {
        const chunks = await response.toArray();
        resolve({ headers: response.headers, text: Buffer.concat(chunks).toString() });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

function describe(error) {
  return JSON.stringify({ errorType: error.name, errorMessage: error.message });
}

function load(handler) {
  const dot = handler.lastIndexOf(".");
  const file = path.resolve(process.env.LAMBDA_TASK_ROOT, handler.slice(0, dot));
  return require(file)[handler.slice(dot + 1)];
}

async function main() {
  let handler;
  try {
    handler = load(process.env._HANDLER);
  } catch (error) {
    await call("POST", "/init/error", describe(error));
    process.exit(1);
  }
  for (;;) {
    const { headers, text } = await call("GET", "/invocation/next");
    const route = `/invocation/${headers["lambda-runtime-aws-request-id"]}`;
    try {
      const answer = await handler(JSON.parse(text));
      await call("POST", `${route}/response`, JSON.stringify(answer));
    } catch (error) {
      await call("POST", `${route}/error`, describe(error));
    }
  }
}

main();
