#!/var/python/bin/python3 -ISB
"""What a collector exports to: each span that arrives becomes a line of /var/answers/spans."""

import gzip
import http.server
import json
import sys

sys.path.insert(0, "/opt/python")
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["content-encoding"] == "gzip":
            body = gzip.decompress(body)
        if self.path == "/v1/traces":
            with open("/var/answers/spans", "a") as file:
                for line in map(json.dumps, spans(ExportTraceServiceRequest.FromString(body))):
                    file.write(line + "\n")
        self.send_response(200)
        self.send_header("content-type", self.headers["content-type"])
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def spans(request):
    for resource in request.resource_spans:
        attributes = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {"scope": scope.scope.name, "name": span.name, "kind": span.kind, "resource": attributes}


http.server.ThreadingHTTPServer(("127.0.0.1", 14318), Receiver).serve_forever()
