"""Sends changed requests to every route of a server over raw connections; see Scripts/fuzz-server.sh.

Fails, with the request in a file, when the server ends, does not answer in time, answers with a 5xx other than 503 and
504 (or 424, which text-embeddings-inference has for a failed model), answers with JSON that is none, or afterwards no
longer answers as it did before. Request number N of worker W under a seed is always the same.
"""

import collections
import json
import multiprocessing
import os
import queue
import re
import socket
import sys
import time

import served
from fuzz_requests import request

OUTPUT = served.ROOT / "runs/fuzz-server"
# Longer than any deadline in SETTINGS.
PATIENCE = 25.0
DEFINED = {503, 504}
SETTINGS = {
    "detectors": ["steer", "judge"],
    "limits": {"deadline-seconds": 10, "transfer-seconds": 10, "idle-seconds": 30, "connections": 256},
    "generation": {"model": "theriac-lm", "max-tokens": 8, "deadline-seconds": 10, "rows-per-request": 16},
    "feedback": {"texts": True},
    "audit": {"decisions": "all"},
}


class Problem(Exception):
    pass


class Line:
    """One connection, made again when the server hangs up."""

    def __init__(self, port: int):
        self.port = port
        self.socket: socket.socket | None = None

    def ask(self, data: bytes, is_framed: bool, method: bytes) -> int | None:
        """- Returns: the status; None when the server hung up without a word, as it may on what is no HTTP."""
        is_fresh = self.socket is None
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket.sendall(data)
            if not is_framed:
                # The server must not wait for a body that never ends.
                self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # hung up while we wrote: there may be an answer still
        status, is_open = self.read(method)
        if not is_framed or not is_open:
            self.socket.close()
            self.socket = None
        if status is None and is_framed and not is_fresh:
            # It had hung up after the answer before this one.
            return self.ask(data, is_framed, method)
        return status

    def read(self, method: bytes) -> tuple[int | None, bool]:
        buffer = b""
        while True:
            while (end := buffer.find(b"\r\n\r\n")) < 0:
                piece = self.receive()
                if not piece:
                    return None, False
                buffer += piece
            head, buffer = buffer[:end], buffer[end + 4 :]
            status = int(head[9:12])
            if status >= 200:
                break  # 100 comes before the answer proper
        fields = head.lower()
        length = re.search(rb"\r\ncontent-length: *(\d+)", fields)
        is_open = b"\r\nconnection: close" not in fields
        if method == b"HEAD" or status in (204, 304):
            return status, is_open
        if length:
            while len(buffer) < int(length[1]):
                piece = self.receive()
                if not piece:
                    raise Problem(f"an answer of {length[1].decode()} bytes ended after {len(buffer)}")
                buffer += piece
            body = buffer[: int(length[1])]
        else:
            while not buffer.endswith(b"0\r\n\r\n"):
                piece = self.receive()
                if not piece:
                    return status, False
                buffer += piece
            body = b""
        if body and b"application/json" in fields:
            try:
                json.loads(body.decode("utf-8"), parse_constant=lambda name: int(name))
            except ValueError as error:
                raise Problem(f"status {status} with JSON that is none: {error}") from None
        if status >= 500 and status not in DEFINED:
            raise Problem(f"status {status}: {body[:300]!r}")
        return status, is_open

    def receive(self) -> bytes:
        try:
            return self.socket.recv(1 << 18)
        except TimeoutError:
            raise Problem(f"no answer in {PATIENCE:g} s") from None
        except OSError:
            return b""


def work(port: int, seed: int, worker: int, until: float, results) -> None:
    line = Line(port)
    counts: collections.Counter = collections.Counter()
    slow: list[tuple[float, int, str]] = []
    problems = []
    number = 0
    while time.monotonic() < until and len(problems) < 20:
        route, data, is_framed = request(seed, worker, number)
        began = time.monotonic()
        try:
            status = line.ask(data, is_framed, data.split(b" ", 1)[0])
            counts[(route, str(status or "hung up"))] += 1
        except (Problem, OSError, ValueError) as error:
            file = OUTPUT / f"problem-{seed}-{worker}-{number}.bin"
            file.write_bytes(data)
            problems.append({"problem": str(error), "route": route, "request": file.name})
            print(json.dumps(problems[-1]), file=sys.stderr, flush=True)
            line.socket = None
            counts[(route, "problem")] += 1
            if isinstance(error, ConnectionRefusedError):
                break
        took = time.monotonic() - began
        slow = sorted([*slow, (took, number, route)], reverse=True)[:3]
        number += 1
    results.put({"worker": worker, "requests": number, "counts": dict(counts), "problems": problems, "slow": slow})


def known_answers(server: served.Served) -> list:
    """What must be the same before and after."""
    greedy = {"prompt": "The garden", "max_tokens": 8, "temperature": 0, "seed": 1}
    found = []
    for path, body in [
        ("/v1alpha1/comments:analyze", served.analyze("You are a clown. The garden is nice.", spanAnnotations=True)),
        ("/predict", {"inputs": "What a lovely idea."}),
        ("/v1/moderations", {"input": "I will find you.", "model": "judge"}),
        ("/v1/completions", greedy),
    ]:
        status, answer = server.post(path, body)
        answer = json.loads(answer)
        found.append((path, status, answer.get("choices") or answer.get("results") or answer
                      if isinstance(answer, dict) else answer))
    return found


def main() -> None:
    seconds = float(sys.argv[1])
    seed = int(os.environ.get("SEED", 1))
    workers = int(os.environ.get("WORKERS", 2))
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for file in OUTPUT.glob("store.sqlite*"):
        file.unlink()
    store = OUTPUT / "store.sqlite"
    server = served.theriac(OUTPUT, "server", "--store", str(store), settings=SETTINGS)
    before, first = known_answers(server), server.facts()
    results = multiprocessing.Queue()
    began = time.monotonic()
    crew = [
        multiprocessing.Process(target=work, args=(server.port, seed, worker, began + seconds, results))
        for worker in range(workers)
    ]
    for one in crew:
        one.start()
    reports, peak = [], 0.0
    while len(reports) < workers:
        try:
            reports.append(results.get(timeout=5))
        except queue.Empty:
            if not any(one.is_alive() for one in crew) and results.empty():
                raise SystemExit("A worker of the fuzzer ended without a report; see above") from None
        if server.is_alive:
            peak = max(peak, server.facts()["rss_mb"])
    took = time.monotonic() - began
    problems = [problem for report in reports for problem in report["problems"]]
    facts = {}
    if server.is_alive:
        facts = server.facts()
        if server.get("/health")[0] != 200:
            problems.append({"problem": "afterwards /health is not 200"})
        for was, now in zip(before, known_answers(server)):
            if was != now:
                problems.append({"problem": f"afterwards another answer at {was[0]}", "was": was, "is": now})
    else:
        problems.append({"problem": f"the server ended with {server.process.returncode}"})
    code = server.stop()
    if code != 0:
        problems.append({"problem": f"the server's exit status is {code}"})
    by_status: collections.Counter = collections.Counter()
    by_route: dict = collections.defaultdict(dict)
    for report in reports:
        for (route, status), count in report["counts"].items():
            by_status[status] += count
            by_route[route][status] = by_route[route].get(status, 0) + count
    total = sum(report["requests"] for report in reports)
    for route, counts in sorted(by_route.items()):
        print(json.dumps({"route": route} | dict(sorted(counts.items()))))
    slow = sorted((entry for report in reports for entry in report["slow"]), reverse=True)[:3]
    print(json.dumps({
        "seed": seed, "workers": workers, "seconds": round(took, 1), "requests": total,
        "requests_per_second": round(total / took, 1), "by_status": dict(sorted(by_status.items())),
        "slowest": [{"seconds": round(took, 2), "number": n, "route": route} for took, n, route in slow],
        "rss_mb": {"before": first["rss_mb"], "peak": round(peak, 1), "after": facts.get("rss_mb")},
        "problems": problems,
    }))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
