# The function: does what the event says.
def handler(event:, context:)
  case event["do"]
  when "sleep" then sleep 60
  when "crash" then exit! 7
  when "exit" then exit! 0
  when "ignore SIGTERM" then trap "TERM", "IGNORE"
  end
  { done: event["do"] }
end
