"""A server of the OpenAI protocol with scripted behaviour, for tests on loopback.

    fake_openai_server.py LOG [CERTIFICATE KEY]

Prints the port it took, then serves until standard input is closed. Its model `parrot` writes " word-<seed>-<sample>".
What it does is chosen by the prompt, so that each test has its own script and tests may run side by side:

    [429 x2]          status 429 with Retry-After: 0 the first two times, then an answer
    [500 x2] [503 …]  that status, the same way
    [400] [401] …     that status always; the error quotes the prompt and the key, as careless servers do
    [wait 60]         429 with Retry-After: 60; [wait x1]: 1 second, the first time only
    [hang]            no answer; [hang x1]: the first time only
    [slow]            an answer after 0.1 s
    [reset x1]        the connection is reset the first time
    [torn x1]         half an answer the first time
    [n 2]             never more than two choices
    [many]            two choices too many
    [same]            the same text for every sample
    [empty] [null] [filter] [abort] [page]   no choices; a text that is null; withheld; broken off; HTML
    [big]             an answer without end

LOG gets a JSON line for each request when it comes in: its body, and how many with the same first word are under way.
Log-probabilities with echo: tokens are the prompt's words with the blank before them, each with -(its length)/10.
"""

import json
import re
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "sk-parrot-1234567890"
MODELS = ["parrot", "parakeet", "locked"]

lock = threading.Lock()
turns = {}  # requests by prompt
under_way = {}  # by the first word of the prompt
log = open(sys.argv[1], "a", buffering=1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    group = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/v1/models":
            return self.reply(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})
        if self.path == "/single/models":
            return self.reply(200, {"object": "list", "data": [{"id": "parrot", "object": "model"}]})
        if self.path == "/locked/models":
            if self.headers.get("Authorization") == "Bearer " + KEY:
                return self.reply(200, {"data": [{"id": "parrot"}]})
            return self.reply(401, {"error": {"message": "Incorrect API key: %s" % self.headers.get("Authorization"),
                                              "type": "invalid_request_error", "code": "invalid_api_key"}})
        if self.path == "/listless/models":
            return self.plain(500, b"Internal Server Error", "text/plain")
        if self.path == "/html/models":
            return self.plain(200, b"<html>hello</html>", "text/html")
        if self.path == "/moved/models":
            self.send_response(307)
            self.send_header("Location", "/v1/models")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.reply(404, {"detail": "Not Found"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.startswith("/nothing/"):
            return self.reply(404, {"detail": "Not Found"})
        is_chat = self.path.endswith("/chat/completions")
        prompt = body["messages"][-1]["content"] if is_chat else body.get("prompt", "")
        group = prompt.split(" ")[0]
        with lock:
            turn = turns[prompt] = turns.get(prompt, 0) + 1
            under_way[group] = under_way.get(group, 0) + 1
            line = {"body": body, "route": self.path, "under_way": under_way[group],
                    "key": self.headers.get("Authorization", "")}
            log.write(json.dumps(line) + "\n")
        self.group = group
        try:
            self.answer(prompt, body, turn, is_chat)
        finally:
            self.leave()

    def leave(self):
        """Counts a request as done: before its answer, which the next request may follow at once."""
        with lock:
            if self.group is not None:
                under_way[self.group] -= 1
            self.group = None

    def answer(self, prompt, body, turn, is_chat):
        script = re.search(r"\[(\w+)(?: (x?)(\d+))?\]", prompt)
        word, number = (script[1], int(script[3] or 0)) if script else ("", 0)
        is_over = bool(script and script[2]) and turn > number
        if is_over:
            word = ""
        if word.isdigit():
            headers = {"Retry-After": "0"} if word == "429" else {}
            return self.reply(int(word), {"error": {"message": "Bad prompt: %s (%s)" % (
                prompt, self.headers.get("Authorization")), "type": prompt, "code": prompt}}, headers)
        if word == "wait":
            wish = "1" if script[2] else str(number)
            return self.reply(429, {"error": {"message": "later"}}, {"Retry-After": wish})
        if word == "quota":
            return self.reply(429, {"error": {"message": "no more", "code": "insufficient_quota"}})
        if word == "long":
            return self.reply(400, {"error": {"message": "This model's maximum context length is 8", "code": 400}})
        if word == "hang":
            time.sleep(3)
        if word == "slow":
            time.sleep(0.1)
        if word == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return self.connection.close()
        if word == "page":
            return self.plain(200, b"<html>hello</html>", "text/html")
        if word == "big":
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 40))
            self.end_headers()
            return
        samples = body.get("n", 1)
        if word == "n":
            samples = min(samples, number)
        if word == "many":
            samples += 2
        choices = [self.choice(prompt, body, index, word, is_chat) for index in range(samples)]
        choices.reverse()  # the order of the list says nothing
        if word == "empty":
            choices = []
        answer = {"id": "x", "object": "text_completion", "model": body["model"], "choices": choices,
                  "usage": {"prompt_tokens": len(words(prompt)), "completion_tokens": 3 * samples}}
        if word == "nousage":
            del answer["usage"]
        text = json.dumps(answer).encode()
        self.plain(200, text[: len(text) // 2] if word == "torn" else text, "application/json")

    def choice(self, prompt, body, index, word, is_chat):
        text = " word-%s-%d" % (body.get("seed"), index)
        finish = "length"
        if word == "same":
            text = " word"
        if word == "null":
            text = None
        if word == "filter" and index == 0:
            text, finish = "", "content_filter"
        if word == "abort":
            finish = "abort"
        if is_chat:
            return {"index": index, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        choice = {"index": index, "text": text, "finish_reason": finish, "logprobs": None}
        if body.get("echo") and word != "noecho":
            own = words(prompt)
            tokens = own + [" new"]
            values = [-len(token) / 10 for token in tokens]
            values[0] = None
            offsets = [sum(len(token) for token in tokens[:place]) for place in range(len(tokens))]
            choice["text"] = prompt + " new"
            choice["logprobs"] = {"tokens": tokens, "token_logprobs": values, "text_offset": offsets,
                                  "top_logprobs": [None] + [{token: value} for token, value in zip(tokens[1:], values[1:])]}
        return choice

    def reply(self, status, value, headers={}):
        self.plain(status, json.dumps(value).encode(), "application/json", headers)

    def plain(self, status, body, kind, headers={}):
        self.leave()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def words(text):
    return re.findall(r"\s*\S+|\s+$", text)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


def main():
    server = Server(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
