# The function: answers with what it sees of the process it runs in.
def handler(event:, context:)
  {
    env: ENV.to_h,
    argv: File.read("/proc/self/cmdline").split("\0"),
    handler: ENV.fetch("_HANDLER"),
    event: event,
    hook: $forerun_hook,
    option: "a literal".frozen?,
  }
end
