// The function in CommonJS.
const { work } = require("./work.cjs");

exports.handler = async (event) => work(event);
