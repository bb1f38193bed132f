"""A load generator for HTTP/1.1 over keep-alive connections, without pipelining: one thread, raw sockets.

    http_load.py URL --bodies FILE.jsonl [--connections 32] [--seconds 10] [--warmup 1] [--rate REQUESTS_PER_SECOND]

Posts the lines of the file in turn. Without --rate each connection sends as soon as it has its answer: that finds the
most a server can do. With --rate requests have appointed times, whatever the server does, and latency counts from the
appointed time: a server that stalls makes all that were due meanwhile wait, and that shows in p99 (an answer that
nobody was free to ask for would otherwise be left out). Prints one JSON object; latencies are in milliseconds.
`generator_cpu` is the share of one core that this program used: it runs on the same machine as the server.
"""

import argparse
import collections
import gc
import json
import re
import select
import socket
import time
from urllib.parse import urlsplit

TOKENS = re.compile(rb'"completion_tokens":(\d+)')


def post(path: str, body: bytes, host: str = "127.0.0.1", fields: str = "") -> bytes:
    """One request's bytes. `fields` are header lines, each with its end."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{fields}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Connection:
    def __init__(self, port: int):
        self.port = port
        self.buffer = bytearray()
        self.is_busy = False
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)

    def send(self, request: bytes, due: float) -> None:
        self.due, self.first, self.is_busy = due, 0.0, True
        self.buffer.clear()
        try:
            sent = self.socket.send(request)
        except BlockingIOError:
            sent = 0
        if sent < len(request):
            self.socket.settimeout(30)
            self.socket.sendall(request[sent:])
            self.socket.setblocking(False)

    def take(self) -> bool | None:
        """Reads what is there: whether the answer is whole, None when the server has hung up."""
        try:
            piece = self.socket.recv(1 << 18)
        except BlockingIOError:
            return False
        except OSError:
            return None
        if not piece:
            return None
        if not self.buffer:
            self.first = time.perf_counter()
        self.buffer += piece
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.buffer[:end]).lower()
        place = head.find(b"content-length:")
        if place < 0:
            return self.buffer.endswith(b"\r\n0\r\n\r\n")
        return len(self.buffer) - end - 4 >= int(head[place + 15 :].split(b"\r\n", 1)[0])

    @property
    def status(self) -> int:
        return int(self.buffer[9:12])


def percentile(values: list[float], share: float) -> float | None:
    """Of sorted values; the nearest rank."""
    return round(values[min(len(values) - 1, int(share * len(values)))], 3) if values else None


def run(
    port: int, requests: list[bytes], seconds: float, connections: int, rate: float | None = None, warmup: float = 1,
    patience: float = 30,
) -> dict:
    """Sends `requests` in turn for `warmup` + `seconds`, and reports on those appointed after the warm-up."""
    lines = [Connection(port) for _ in range(connections)]
    by_number = {line.socket.fileno(): line for line in lines}
    poll = select.epoll()
    for number in by_number:
        poll.register(number, select.EPOLLIN)
    idle = collections.deque(lines)
    latencies: list[float] = []
    firsts: list[float] = []
    codes: collections.Counter = collections.Counter()
    tokens = sent = hung_up = 0
    gc.disable()
    begun = time.perf_counter()
    counted_from, ends = begun + warmup, begun + warmup + seconds
    due, cpu = begun, time.process_time()
    last = begun
    while True:
        now = time.perf_counter()
        while idle and now < ends and (rate is None or due <= min(now, ends)):
            idle.popleft().send(requests[sent % len(requests)], due if rate else now)
            sent += 1
            if rate:
                due += 1 / rate
            now = time.perf_counter()
        if now >= ends and (len(idle) == connections or now > ends + patience):
            break
        # select() waits to the microsecond, epoll to the millisecond only.
        wait = due - now if rate and idle and now < ends else min(1.0, ends - now) if now < ends else 1.0
        if not select.select([poll.fileno()], [], [], max(0.0, wait))[0]:
            continue
        for number, _ in poll.poll(0):
            line = by_number[number]
            whole = line.take()
            if whole is False:
                continue
            last = time.perf_counter()
            if whole is None:
                hung_up += line.is_busy
                poll.unregister(number)
                del by_number[number]
                line.socket.close()
                line.connect()
                by_number[line.socket.fileno()] = line
                poll.register(line.socket.fileno(), select.EPOLLIN)
            elif line.is_busy and line.due >= counted_from:
                codes[line.status] += 1
                if 200 <= line.status < 300:
                    latencies.append((last - line.due) * 1000)
                    firsts.append((line.first - line.due) * 1000)
                    tokens += sum(int(found) for found in TOKENS.findall(line.buffer))
            if line.is_busy:
                line.is_busy = False
                idle.append(line)
    gc.enable()
    cpu = time.process_time() - cpu
    for line in lines:
        line.socket.close()
    latencies.sort()
    firsts.sort()
    took = max(last, ends) - counted_from
    answered = sum(codes.values())
    return {
        "connections": connections, "rate": round(rate, 1) if rate else None, "seconds": round(took, 2),
        "requests_per_second": round(len(latencies) / took, 1), "p50": percentile(latencies, 0.5),
        "p90": percentile(latencies, 0.9), "p99": percentile(latencies, 0.99),
        "longest": round(latencies[-1], 3) if latencies else None, "first_byte_p50": percentile(firsts, 0.5),
        "codes": {str(code): count for code, count in sorted(codes.items())}, "answered": answered,
        # Those that were due, and that no connection was free for.
        "never_sent": max(0, round((ends - due) * rate)) if rate else 0,
        "hung_up": hung_up, "unanswered": connections - len(idle),
        "tokens_per_second": round(tokens / took, 1) if tokens else None,
        "generator_cpu": round(cpu / (time.perf_counter() - begun), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--bodies", required=True)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--warmup", type=float, default=1)
    parser.add_argument("--rate", type=float)
    options = parser.parse_args()
    address = urlsplit(options.url)
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    with open(options.bodies, "rb") as file:
        requests = [post(path, line.strip()) for line in file if line.strip()]
    result = run(
        address.port or 80, requests, options.seconds, options.connections, options.rate, options.warmup)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
