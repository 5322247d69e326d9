// A small client of the Runtime API in the place of the managed runtime's index.mjs: it
// takes the handler from _HANDLER only, imports an ES module and requires all else.
const fs = require("node:fs");
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

// The file of a handler that is an ES module. Only the package.json of the function's own folder is asked.
function moduleOf(file) {
  if (fs.existsSync(`${file}.mjs`)) {
    return `${file}.mjs`;
  }
  const description = path.resolve(process.env.LAMBDA_TASK_ROOT, "package.json");
  const { type } = fs.existsSync(description) ? JSON.parse(fs.readFileSync(description)) : {};
  return type === "module" ? `${file}.js` : null;
}

async function load(handler) {
  const dot = handler.lastIndexOf(".");
  const file = path.resolve(process.env.LAMBDA_TASK_ROOT, handler.slice(0, dot));
  const moduleFile = moduleOf(file);
  const exported = moduleFile ? await import(moduleFile) : require(file);
  return exported[handler.slice(dot + 1)];
}

function contextOf(headers) {
  return {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
  };
}

async function main() {
  let handler;
  try {
    handler = await load(process.env._HANDLER);
  } catch (error) {
    await call("POST", "/init/error", describe(error));
    process.exit(1);
  }
  for (;;) {
    const { headers, text } = await call("GET", "/invocation/next");
    const context = contextOf(headers);
    const route = `/invocation/${context.awsRequestId}`;
    try {
      const answer = await handler(JSON.parse(text), context);
      await call("POST", `${route}/response`, JSON.stringify(answer));
    } catch (error) {
      await call("POST", `${route}/error`, describe(error));
    }
  }
}

main();
