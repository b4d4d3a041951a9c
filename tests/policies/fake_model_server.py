"""Stands in for ``local_server.py``: the same command line and first line of output, but no model.

The name of the "weights" chooses how it starts, the last user message how it answers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def first_call(schema):
    form = schema.get("anyOf", [schema])[0]["properties"]
    return json.dumps({"name": form["name"]["const"], "arguments": {"city": "Oslo"}})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = body["messages"][-1]["content"]
        if said == "die":
            sys.stderr.write("first\nout of memory\n")
            sys.stderr.flush()
            os._exit(3)
        if said == "overflow":
            message = (
                "request (12031 tokens) exceeds the available context size (2048 tokens), try increasing it"
            )
            return self.reply(
                400, {"error": {"code": 400, "message": message, "type": "exceed_context_size_error"}}
            )
        reason, content = "stop", json.dumps(body)
        if "response_format" in body:
            content = first_call(body["response_format"]["json_schema"]["schema"])
        if said == "cut":
            reason, content = "length", content[:-5]
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        message = {"role": "assistant", "content": content}
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return self.reply(200, {"choices": [choice], "model": body["model"], "usage": usage})

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option in ("--parent", "--model", "--slots", "--context", "--threads"):
        parser.add_argument(option, required=True)
    options = parser.parse_args()
    name = Path(options.model).stem
    if name == "broken":
        sys.exit("these are no weights")
    if name == "silent":
        sys.stdin.read()
        sys.exit()
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    about = {
        "url": f"http://127.0.0.1:{server.server_port}/v1",
        "native_tools": name == "native",
        "context": int(options.context),
    }
    sys.stdout.write(json.dumps(about) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)
