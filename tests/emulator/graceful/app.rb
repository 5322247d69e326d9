# The function: hears SIGTERM.
trap("TERM") do
  $stdout.syswrite("SIGTERM was heard\n")
  exit!(0)
end

def handler(event:, context:)
  { event: event, runtime: "ruby" }
end
