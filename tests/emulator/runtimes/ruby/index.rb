# A small client of the Runtime API in the place of the managed runtime's index.rb: it takes
# the handler from _HANDLER only.
require "json"
require "net/http"

API = "/2018-06-01/runtime"
host, port = ENV.fetch("AWS_LAMBDA_RUNTIME_API").split(":")
http = Net::HTTP.new(host, port.to_i)
http.read_timeout = nil
http.start

def describe(error)
  { errorType: error.class.to_s, errorMessage: error.message }.to_json
end

begin
  file, name = ENV.fetch("_HANDLER").split(".", 2)
  # Not joined with the folder: a handler may be an absolute path.
  $LOAD_PATH.unshift(ENV.fetch("LAMBDA_TASK_ROOT"))
  require file
  handler = method(name)
rescue StandardError, LoadError => e
  http.post("#{API}/init/error", describe(e))
  exit 1
end

loop do
  invocation = http.get("#{API}/invocation/next")
  route = "#{API}/invocation/#{invocation["Lambda-Runtime-Aws-Request-Id"]}"
  begin
    answer = handler.call(event: JSON.parse(invocation.body), context: nil)
    http.post("#{route}/response", answer.to_json)
  rescue StandardError => e
    http.post("#{route}/error", describe(e))
  end
end
