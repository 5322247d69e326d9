// What the function does, and it knows nothing of tracing: it asks a server which headers have come with its request.
// Asked to, it waits until these texts stand among the spans that have arrived.
const fs = require("node:fs");
const http = require("node:http");

const SPANS = "/var/answers/spans";

function arrived(texts) {
  const spans = fs.existsSync(SPANS) ? fs.readFileSync(SPANS, "utf8") : "";
  return texts.every((text) => spans.includes(text));
}

async function wait(texts) {
  const deadline = Date.now() + 10000;
  while (!arrived(texts) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { arrived: arrived(texts) };
}

function ask() {
  return new Promise((resolve, reject) => {
    const request = http.get("http://127.0.0.1:14318/headers", async (response) => {
      resolve({ headers: JSON.parse(Buffer.concat(await response.toArray())) });
    });
    request.on("error", reject);
  });
}

exports.work = (event) => (event.await ? wait(event.await) : ask());
