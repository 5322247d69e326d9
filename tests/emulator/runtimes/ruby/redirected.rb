# The handler that a profile puts in front of the function's own.
require_relative "app"

def redirected_handler(event:, context:)
  handler(event: event, context: context)
    .merge(redirected: true, original: ENV.fetch("ORIG_HANDLER", nil))
end
