#!/var/python/bin/python3 -ISB
"""An extension as the proxies of the Runtime API are, of the vendor whose name the file has.

Each connection that comes to it goes on to where the vendor's own variables say, and is a line of /tmp/proxies.
"""

import http.client
import os
import socket
import threading

REAL = os.environ["AWS_LAMBDA_RUNTIME_API"]
NAME = os.path.basename(__file__)
OWN, NEXT = {
    "firetail": ("127.0.0.1:" + os.environ.get("FIRETAIL_LAMBDA_EXTENSION_PORT", "9009"), REAL),
    "lpr": (os.environ.get("LPR_PROXY_ADDR", "127.0.0.1:9009"), os.environ.get("LPR_UPSTREAM_RUNTIME_API", REAL)),
}[NAME]


def address(text):
    host, port = text.split(":")
    return host, int(port)


def pump(source, sink):
    while chunk := source.recv(65536):
        sink.sendall(chunk)
    sink.shutdown(socket.SHUT_WR)


def relay(listener):
    while True:
        near, _ = listener.accept()
        with open("/tmp/proxies", "a") as file:
            file.write(f"{NAME} to {NEXT}\n")
        far = socket.create_connection(address(NEXT))
        threading.Thread(target=pump, args=(near, far), daemon=True).start()
        threading.Thread(target=pump, args=(far, near), daemon=True).start()


# Listening comes before registering: the runtime starts once all extensions are registered.
threading.Thread(target=relay, args=(socket.create_server(address(OWN)),), daemon=True).start()

api = http.client.HTTPConnection(*address(REAL))
api.request("POST", "/2020-01-01/extension/register", '{"events":["SHUTDOWN"]}', {"Lambda-Extension-Name": NAME})
answer = api.getresponse()
answer.read()
identifier = {"Lambda-Extension-Identifier": answer.headers["Lambda-Extension-Identifier"]}
api.request("GET", "/2020-01-01/extension/event/next", headers=identifier)
api.getresponse().read()
