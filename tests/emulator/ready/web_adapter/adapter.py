#!/var/python/bin/python3 -ISB
"""An extension in the place of the Lambda Web Adapter: hands each event to the function's web server, and its answer back.

As the adapter does, it waits until the server answers at AWS_LWA_PORT, and takes the runtime's part from then on.
"""

import http.client
import os
import threading
import time

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
SERVER = "127.0.0.1:" + os.environ["AWS_LWA_PORT"]


def call(address, method, path, body=None, headers={}):
    connection = http.client.HTTPConnection(address)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.headers, answer.read()


def wait_for_server():
    deadline = time.monotonic() + 20
    while True:
        try:
            return call(SERVER, "GET", "/")
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


name = {"Lambda-Extension-Name": os.path.basename(__file__)}
headers, _ = call(API, "POST", "/2020-01-01/extension/register", '{"events":[]}', name)
own = {"Lambda-Extension-Identifier": headers["Lambda-Extension-Identifier"]}
# It never comes back.
parked = threading.Thread(target=call, args=(API, "GET", "/2020-01-01/extension/event/next", None, own), daemon=True)
parked.start()

wait_for_server()
while True:
    headers, event = call(API, "GET", "/2018-06-01/runtime/invocation/next")
    identifier = headers["Lambda-Runtime-Aws-Request-Id"]
    _, answer = call(SERVER, "POST", "/events", event)
    call(API, "POST", f"/2018-06-01/runtime/invocation/{identifier}/response", answer)
