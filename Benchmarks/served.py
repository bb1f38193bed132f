"""Starts and stops the servers that the benchmarks ask, and looks at them from outside (Linux: /proc)."""

import atexit
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
THERIAC = os.environ.get("THERIAC", str(ROOT / ".build/release/theriac"))
PYTHON = sys.executable
# So that servers end with the script that was told to.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class Served:
    """A running server. Its log is a file in `folder`; leaving the `with` block ends it with SIGTERM."""

    def __init__(self, command: list[str], folder: Path, name: str, port: int | None = None, **environment: str):
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=os.environ | environment)
        atexit.register(self.stop)
        self.port = port or self.announced_port()
        self.wait_until_healthy()

    def announced_port(self, limit: float = 120) -> int:
        until = time.monotonic() + limit
        while time.monotonic() < until:
            found = re.search(rb"serving on \S+:(\d+)", self.log.read_bytes())
            if found:
                return int(found[1])
            self.check()
            time.sleep(0.05)
        raise SystemExit(f"The server did not start in {limit} s; see {self.log}")

    def wait_until_healthy(self, limit: float = 120) -> None:
        until = time.monotonic() + limit
        while time.monotonic() < until:
            self.check()
            try:
                if self.get("/health")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit(f"The server is not healthy after {limit} s; see {self.log}")

    def check(self) -> None:
        if self.process.poll() is not None:
            raise SystemExit(f"The server ended with {self.process.returncode}; see {self.log}")

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def get(self, path: str) -> tuple[int, bytes]:
        return self.ask("GET", path)

    def post(self, path: str, body: object, **fields: str) -> tuple[int, bytes]:
        return self.ask("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"} | fields)

    def ask(self, method: str, path: str, body: bytes | None = None, fields: dict | None = None, limit: float = 60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=limit)
        try:
            connection.request(method, path, body, fields or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def facts(self) -> dict:
        """Memory in MB (10⁶ bytes), processor seconds, threads and open files."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        numbers = {
            name: int(value) for name, value in re.findall(r"^(VmRSS|VmHWM|Threads):\s+(\d+)", status, re.MULTILINE)
        }
        times = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return {
            "rss_mb": round(numbers["VmRSS"] * 1024 / 1e6, 1), "peak_mb": round(numbers["VmHWM"] * 1024 / 1e6, 1),
            "cpu_seconds": round((int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK"), 2),
            "threads": numbers["Threads"], "files": len(os.listdir(f"/proc/{self.process.pid}/fd")),
        }

    def stop(self, limit: float = 60) -> int:
        """- Returns: the exit status; negative when a signal ended it."""
        if self.is_alive:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(limit)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_) -> None:
        self.stop()


def theriac(folder: Path, name: str, *options: str, settings: dict | None = None) -> Served:
    """`theriac serve` on a free port of this machine. Settings go into a file (JSON is YAML)."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps({"log": {"level": "warning"}} | (settings or {})))
    command = [THERIAC, "serve", "--config", str(file), "--port", "0", *options]
    return Served(command, folder, name)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def comments(length: int = 200) -> list[str]:
    """Stretches of the shipped text of exactly `length` characters, ASCII only, so that bytes and characters agree."""
    text = (ROOT / "Assets/text/theriac-text.txt").read_text(encoding="utf-8")
    text = " ".join(text.encode("ascii", "ignore").decode().split())
    return [text[start : start + length].strip().ljust(length, ".") for start in range(0, len(text) - length, 37)]


def prompts() -> list[str]:
    lines = (ROOT / "Assets/prompts/theriac-prompts.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["prompt"]["text"] for line in lines]


def analyze(text: str, *names: str, **more: object) -> dict:
    """A body of `comments:analyze`."""
    attributes = {name: {} for name in names or ("TOXICITY",)}
    return {
        "comment": {"text": text}, "requestedAttributes": attributes, "languages": ["en"], "doNotStore": True
    } | more
