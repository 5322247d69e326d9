// The function: its answer is what a debugger makes of it.
exports.handler = async (event) => {
  let doubled = 2 * event.amount;
  return { doubled }; // breakpoint
};
