// The handler that a profile puts in front of the function's own.
const app = require("./app");

exports.handler = async (event) => ({
  ...(await app.handler(event)),
  redirected: true,
  original: process.env.ORIG_HANDLER,
});
