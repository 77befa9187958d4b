"""`python -m hxpy`: one client, steps of def, exec and eval, an error grid at the first exception."""

from __future__ import annotations

import argparse
import socket
import traceback
from typing import Any

from hxpy.minibrio import MARKER, Table, message, write


def serve(link: socket.socket, key: str) -> None:
    stream = link.makefile("rb")

    def receive() -> Any:
        head = stream.read(4)
        return message(stream.read(int.from_bytes(head, "big"))) if len(head) == 4 else None

    hello = receive()
    if hello != {"key": key, "ver": "0"}:
        link.sendall(write({"err": MARKER, "errMsg": f"bad hello {sorted(hello)}"}))
        return
    link.sendall(write({"ok": MARKER}))
    space: dict[str, Any] = {}
    while True:
        steps = receive()
        if steps is None:
            return
        try:
            for step in steps:
                if "def" in step:
                    space[step["def"]] = step.get("v")
                elif "exec" in step:
                    exec(step["exec"], space)
                else:
                    link.sendall(write(eval(step["eval"], space)))
        except Exception as e:
            meta = {"err": MARKER, "errMsg": str(e), "errTrace": traceback.format_exc()}
            link.sendall(write(Table(meta, [], [])))
            return


parser = argparse.ArgumentParser()
parser.add_argument("--key", required=True)
parser.add_argument("--port", type=int, default=8888)
parser.add_argument("--host", default="0.0.0.0")
parser.add_argument("--timeout", type=float, default=10)
parser.add_argument("--level", default="WARN")
options = parser.parse_args()
server = socket.create_server((options.host, options.port))
server.settimeout(options.timeout)
client, _ = server.accept()
client.settimeout(None)
serve(client, options.key)
