# A handler in front of the function's own, which the vendor's variable names.
original_file, original_name = ENV.fetch("ORIG_HANDLER").split(".", 2)
require original_file
ORIGINAL_HANDLER = method(original_name)

def otel_wrapper(event:, context:)
  ORIGINAL_HANDLER.call(event: event, context: context).merge(wrapped: true)
end
