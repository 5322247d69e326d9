// The function: does what the event says.
exports.handler = async (event) => {
  switch (event.do) {
    case "sleep":
      await new Promise((resolve) => setTimeout(resolve, 60000));
      break;
    case "crash":
      process.exit(7);
    case "exit":
      process.exit(0);
    case "ignore SIGTERM":
      process.on("SIGTERM", () => {});
      break;
  }
  return { done: event.do };
};
