#!/var/lang/bin/python3
# An external extension as the proxies of the Runtime API are: it passes on what comes to its ports to the real API.
import http.client
import os
import socket
import threading

host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")


def pump(source, sink):
    while chunk := source.recv(65536):
        sink.sendall(chunk)
    sink.shutdown(socket.SHUT_WR)


def relay(listener):
    while True:
        near, _ = listener.accept()
        far = socket.create_connection((host, int(port)))
        threading.Thread(target=pump, args=(near, far), daemon=True).start()
        threading.Thread(target=pump, args=(far, near), daemon=True).start()


# Listening comes before registering: the runtime starts once all extensions are registered.
for number in (9009, 8082, 9100):
    listener = socket.create_server(("127.0.0.1", number))
    threading.Thread(target=relay, args=(listener,), daemon=True).start()

api = http.client.HTTPConnection(host, int(port))
name = {"Lambda-Extension-Name": os.path.basename(__file__)}
api.request("POST", "/2020-01-01/extension/register", '{"events":["SHUTDOWN"]}', name)
answer = api.getresponse()
answer.read()
identifier = {"Lambda-Extension-Identifier": answer.headers["Lambda-Extension-Identifier"]}
api.request("GET", "/2020-01-01/extension/event/next", headers=identifier)
api.getresponse().read()
