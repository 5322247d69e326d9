"""The function: asks the server beside it, which may still be starting, or ends badly."""

import os
import socket
import time


def ask(text):
    deadline = time.monotonic() + 5
    while True:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect("/tmp/redis.sock")
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)
                continue
            connection.sendall(text.encode())
            return connection.recv(65536).decode()


def handler(event, context):
    if "crash" in event:
        os._exit(7)
    return {"received": ask(event["ask"])}
