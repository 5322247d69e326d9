# The same ten changes in Ruby.

def default(name, text)
  ENV[name] = text if ENV[name].to_s.empty?
end

default('OTEL_SERVICE_NAME', ENV['AWS_LAMBDA_FUNCTION_NAME'].to_s)
default('OTEL_PROPAGATORS', 'tracecontext,baggage,xray')
default('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://localhost:4318')
default('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf')
ENV['OTEL_TRACES_EXPORTER'] = 'otlp'
ENV.delete('OTEL_METRICS_EXPORTER')

old = ENV['OTEL_RESOURCE_ATTRIBUTES'].to_s.split(',')
known = old.map { |pair| pair.split('=', 2).first }
ours = {
  'cloud.provider' => 'aws',
  'cloud.region' => ENV['AWS_REGION'].to_s,
  'faas.name' => ENV['AWS_LAMBDA_FUNCTION_NAME'].to_s,
  'faas.version' => ENV['AWS_LAMBDA_FUNCTION_VERSION'].to_s
}
new = ours.reject { |key, _| known.include?(key) }.map { |key, value| "#{key}=#{value}" }
ENV['OTEL_RESOURCE_ATTRIBUTES'] = (new + old).join(',')

front = ['/opt/python', ENV['LAMBDA_RUNTIME_DIR'].to_s]
ENV['PYTHONPATH'] = (front + (ENV['PYTHONPATH'].to_s.split(':') - front)).join(':')

ENV['ORIG_HANDLER'] = ENV['_HANDLER'].to_s
ENV['_HANDLER'] = 'otel_wrapper.lambda_handler'

exec(*ARGV)
