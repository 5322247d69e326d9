#!/var/python/bin/python3 -ISB
"""What spans are exported to: each that arrives becomes a line of /var/answers/spans.

Takes OTLP over HTTP, in protobuf or JSON, and over UDP as X-Ray's daemon does. The packages for it are in /opt/python
or, for functions that are not of Python, in /var/otlp.
"""

import base64
import gzip
import http.server
import json
import select
import signal
import socketserver
import sys
import threading

sys.path[:0] = ["/var/otlp", "/opt/python"]
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = b"".join(self.chunks())
        if self.headers["content-encoding"] == "gzip":
            body = gzip.decompress(body)
        if self.path == "/v1/traces":
            keep(self.request_in(body))
        self.send_response(200)
        self.send_header("content-type", self.headers["content-type"])
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self):
        """What a function asks for in the middle of a trace: it is told the headers of its request."""
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunks(self):
        if self.headers["content-length"]:
            yield self.rfile.read(int(self.headers["content-length"]))
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def request_in(self, body):
        if "json" in self.headers["content-type"]:
            return json_format.Parse(body, ExportTraceServiceRequest(), ignore_unknown_fields=True)
        return ExportTraceServiceRequest.FromString(body)

    def log_message(self, *arguments):
        pass


class XRayDaemon(socketserver.DatagramRequestHandler):
    """A line with the format, then a sign for the kind of what follows: spans, sampled or not, in base64."""

    def handle(self):
        body = self.rfile.read().split(b"\n", 1)[1]
        if body.startswith((b"T1S", b"T1U")):
            keep(ExportTraceServiceRequest.FromString(base64.b64decode(body[3:])))


def keep(request):
    with LOCK, open("/var/answers/spans", "a") as file:
        for line in map(json.dumps, spans(request)):
            file.write(line + "\n")


def spans(request):
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    "scope": scope.scope.name,
                    "name": span.name,
                    "kind": span.kind,
                    "status": span.status.code,
                    "attributes": dictionary(span.attributes),
                    "resource": dictionary(resource.resource.attributes),
                }


def dictionary(pairs):
    return {pair.key: value(pair.value) for pair in pairs}


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(item) for item in any_value.array_value.values]
    if kind == "kvlist_value":
        return dictionary(any_value.kvlist_value.values)
    return None if kind is None else getattr(any_value, kind)


LOCK = threading.Lock()
daemon = socketserver.UDPServer(("127.0.0.1", 2000), XRayDaemon)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=daemon.shutdown).start())
receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 14318), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
daemon.serve_forever(poll_interval=0.05)
# Nobody waits for an answer to these: they may still lie there.
while select.select([daemon], [], [], 0)[0]:
    daemon.handle_request()
