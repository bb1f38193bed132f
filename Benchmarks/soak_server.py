"""Mixed load, then overload, on `theriac serve`; see Scripts/soak-server.sh."""

import collections
import http.client
import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import threading
import time

import http_load
import served

OUTPUT = served.ROOT / "runs/soak-server"
STORE = OUTPUT / "store.sqlite"
LOAD = float(os.environ.get("LOAD", 1))
OVERLOAD = float(os.environ.get("OVERLOAD_SECONDS", 60))
SETTINGS = {
    "detectors": ["steer", "judge"],
    # Small enough that the overload reaches them.
    "batching": {"queue": 256},
    "generation": {"model": "theriac-lm", "queue": 64, "max-tokens": 64, "deadline-seconds": 60},
    "feedback": {"texts": True},
    "audit": {"decisions": "flagged"},
}
# 424 is what text-embeddings-inference has for a failed model; nothing here should meet it.
UNDEFINED = {500, 501, 502, 505, 424}
COMMENTS, PROMPTS = served.comments(), served.prompts()
ANALYZE = "/v1alpha1/comments:analyze"


# MARK: Kinds of requests: each makes (method, path, fields, body)


def posted(path: str, body: object) -> tuple:
    return "POST", path, {"Content-Type": "application/json"}, json.dumps(body).encode()


def linear(random: random.Random, _: str) -> tuple:
    return posted(ANALYZE, served.analyze(random.choice(COMMENTS), "TOXICITY", "INSULT"))


def spans(random: random.Random, _: str) -> tuple:
    return posted(ANALYZE, served.analyze(random.choice(COMMENTS), spanAnnotations=True, doNotStore=False))


def judged(random: random.Random, _: str) -> tuple:
    return posted("/v1/moderations", {"input": random.sample(COMMENTS, random.randint(1, 3)), "model": "judge"})


def moderated(random: random.Random, _: str) -> tuple:
    return posted("/v1/moderations", {"input": random.choice(COMMENTS)})


def batch(random: random.Random, _: str) -> tuple:
    parts = []
    for place in range(20):
        body = json.dumps(served.analyze(random.choice(COMMENTS) if place else ""))
        parts.append(
            f"--B\r\nContent-Type: application/http\r\nContent-ID: <u + {place}>\r\n\r\nPOST {ANALYZE} HTTP/1.1\r\n"
            f"Content-Type: application/json\r\n\r\n{body}\r\n")
    return "POST", "/batch", {"Content-Type": 'multipart/mixed; boundary="B"'}, ("".join(parts) + "--B--\r\n").encode()


def suggested(random: random.Random, token: str) -> tuple:
    text = random.choice(COMMENTS)
    scores = {"TOXICITY": {"summaryScore": {"value": round(random.random(), 3)}}}
    return posted("/v1alpha1/comments:suggestscore", {
        "comment": {"text": text}, "attributeScores": scores, "languages": ["en"], "communityId": "soak",
        "clientToken": token,
    })


def completed(random: random.Random, _: str) -> tuple:
    chain = random.choice([None, None, ["word-filter"], ["self-debiasing"], [{"method": "best-of-n", "count": 2}]])
    body = {"prompt": random.choice(PROMPTS), "max_tokens": random.randint(1, 24), "n": random.randint(1, 3)}
    return posted("/v1/completions", body | ({"theriac": {"chain": chain}} if chain else {}))


def streamed(random: random.Random, _: str) -> tuple:
    talk = [{"role": "user", "content": random.choice(PROMPTS)}]
    return posted("/v1/chat/completions", {"messages": talk, "max_tokens": 24, "stream": True})


def watched(random: random.Random, _: str) -> tuple:
    return "GET", random.choice(["/metrics", "/", "/operator/summary.json", "/health", "/v1/models"]), {}, None


def wrong(random: random.Random, _: str) -> tuple:
    return random.choice([
        posted(ANALYZE, {"comment": {"text": ""}}),
        posted(ANALYZE, served.analyze("Hello there.", "NONE_SUCH")),
        posted(ANALYZE, served.analyze("x" * 30000)),
        ("POST", ANALYZE, {"Content-Type": "application/json"}, b'{"comment": {"te'),
        posted("/v1/completions", {"prompt": "x", "max_tokens": -1}),
        posted("/v1/chat/completions", {"messages": [], "model": "none such"}),
        ("GET", "/none/such", {}, None),
        ("POST", "/batch", {"Content-Type": "text/plain"}, b"x"),
    ])


# name: (request, requests a second, share of readers that leave in the middle, statuses that it should get)
KINDS = {
    "linear": (linear, 60, 0, {200}), "spans": (spans, 10, 0, {200}), "judged": (judged, 8, 0, {200}),
    "moderated": (moderated, 15, 0, {200}), "batch": (batch, 2, 0, {200}), "suggested": (suggested, 15, 0, {200}),
    "completed": (completed, 2, 0, {200}), "streamed": (streamed, 2, 0.25, {200}), "watched": (watched, 1, 0, {200}),
    "wrong": (wrong, 10, 0, {400, 404}),
}


class Crew:
    """A thread for each kind, with requests at their appointed times and a connection of its own."""

    def __init__(self, port: int, kinds: dict, speed: float, phase: str):
        self.port, self.phase = port, phase
        self.ends = threading.Event()
        self.counts: collections.Counter = collections.Counter()
        self.unexpected: collections.Counter = collections.Counter()
        self.acknowledged: set[str] = set()
        self.latencies: dict[str, list[float]] = collections.defaultdict(list)
        self.threads = [
            threading.Thread(target=self.work, args=(name, *kind, speed), daemon=True) for name, kind in kinds.items()
        ]
        for thread in self.threads:
            thread.start()

    def work(self, name: str, make, rate: float, leaves: float, expected: set, speed: float) -> None:
        chance = random.Random(name)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        due = time.monotonic()
        number = 0
        while not self.ends.wait(max(0.0, due - time.monotonic())):
            due = max(due + chance.expovariate(rate * speed), time.monotonic() - 1)
            number += 1
            token = f"{self.phase}-{name}-{number}"
            method, path, fields, body = make(chance, token)
            began = time.perf_counter()
            try:
                connection.request(method, path, body, fields)
                answer = connection.getresponse()
                if chance.random() < leaves:
                    answer.read(40)
                    connection.close()
                    self.counts[name, "left"] += 1
                    continue
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self.counts[name, type(error).__name__] += 1
                self.unexpected[name, type(error).__name__] += 1
                continue
            self.counts[name, answer.status] += 1
            if answer.status not in expected:
                self.unexpected[name, answer.status] += 1
            elif len(self.latencies[name]) < 200_000:
                self.latencies[name].append((time.perf_counter() - began) * 1000)
            if name == "suggested" and answer.status == 200:
                self.acknowledged.add(token)
        connection.close()

    def end(self) -> None:
        self.ends.set()
        for thread in self.threads:
            thread.join(120)


class Watch(threading.Thread):
    """Samples the server every two seconds."""

    def __init__(self, server: served.Served):
        super().__init__(daemon=True)
        self.server, self.samples, self.phase, self.ends = server, [], "start", threading.Event()
        self.began = time.monotonic()
        self.file = open(OUTPUT / "samples.jsonl", "w", encoding="utf-8")
        self.start()

    def run(self) -> None:
        while self.server.is_alive and not self.ends.wait(2):
            try:
                facts = self.server.facts()
            except (OSError, KeyError):
                break
            self.samples.append({"t": round(time.monotonic() - self.began, 1), "phase": self.phase} | facts)
            self.file.write(json.dumps(self.samples[-1]) + "\n")
            self.file.flush()

    def end(self) -> None:
        self.ends.set()
        self.join()
        self.file.close()


def memory(samples: list[dict]) -> dict:
    """Along the way: medians of the samples within 2.5 % of each place; and the slope of the second half."""
    if len(samples) < 8:
        return {"samples": len(samples)}
    near = max(1, len(samples) // 40)
    found = {}
    for share in [0.1, 0.5, 1.0]:
        place = min(len(samples) - 1, int(share * len(samples)))
        values = [sample["rss_mb"] for sample in samples[max(0, place - near) : place + near + 1]]
        found[f"at_{share:.0%}"] = statistics.median(values)
    late = samples[len(samples) // 2 :]
    slope = statistics.linear_regression([one["t"] for one in late], [one["rss_mb"] for one in late]).slope
    return found | {
        "highest": max(one["rss_mb"] for one in samples), "slope_mb_per_hour": round(slope * 3600, 1),
        "files": [samples[0]["files"], samples[-1]["files"]], "threads": [samples[0]["threads"], samples[-1]["threads"]],
        "cpu_seconds": round(samples[-1]["cpu_seconds"] - samples[0]["cpu_seconds"], 1), "samples": len(samples),
    }


def by_kind(counts: collections.Counter) -> dict:
    found: dict = collections.defaultdict(dict)
    for (name, status), count in sorted(counts.items(), key=str):
        found[name][str(status)] = count
    return found


def emit(record: dict) -> None:
    print(json.dumps(record), flush=True)


# MARK: Overload


def requests_of(kind: str) -> list[bytes]:
    chance = random.Random(kind)
    if kind == "judged":
        return [http_load.post("/v1/moderations", json.dumps(
            {"input": chance.sample(COMMENTS, 8), "model": "judge"}).encode()) for _ in range(200)]
    if kind == "completed":
        return [http_load.post("/v1/completions", json.dumps(
            {"prompt": chance.choice(PROMPTS), "max_tokens": 32, "n": 4}).encode()) for _ in range(200)]
    return [http_load.post(ANALYZE, json.dumps(served.analyze(chance.choice(COMMENTS))).encode()) for _ in range(200)]


def flood(port: int, kind: str, seconds: float, connections: int, rate: float | None, results) -> None:
    try:
        found = http_load.run(port, requests_of(kind), seconds, connections, rate, warmup=0)
    except Exception as error:
        found = {"problem": f"{type(error).__name__}: {error}"}
    results.put((kind, found))


def floods(port: int, seconds: float, orders: dict[str, tuple[int, float | None]]) -> dict[str, dict]:
    """Floods side by side, a process each."""
    results = multiprocessing.Queue()
    crew = [
        multiprocessing.Process(target=flood, args=(port, kind, seconds, connections, rate, results))
        for kind, (connections, rate) in orders.items()
    ]
    for one in crew:
        one.start()
    found = dict(results.get(timeout=seconds + 120) for _ in crew)
    for one in crew:
        one.join()
    return found


def overload(server: served.Served, watch: Watch, problems: list) -> set[str]:
    """Ten times what it can take: what it can take is measured first. - Returns: the acknowledged suggestions."""
    watch.phase = "capacity"
    capacity = {}
    for kind, connections in [("judged", 16), ("completed", 8)]:
        found = floods(server.port, min(5.0, OVERLOAD), {kind: (connections, None)})[kind]
        capacity[kind] = found.get("requests_per_second") or 1
    watch.phase = "overload"
    crew = Crew(server.port, {"suggested": (suggested, 100, 0, {200, 429, 503})}, 1, "overload")
    orders = {kind: (300, 10 * most) for kind, most in capacity.items()} | {"linear": (100, None)}
    found = floods(server.port, OVERLOAD, orders)
    crew.end()
    during = [one["rss_mb"] for one in watch.samples if one["phase"] == "overload"]
    for kind, result in found.items():
        emit({"overload": kind, "capacity": capacity.get(kind)} | result)
        codes = {int(code) for code in result.get("codes", {})}
        if "problem" in result or codes & UNDEFINED:
            problems.append({"overload": kind} | result)
        elif kind in capacity and 429 not in codes:
            problems.append({"overload": kind, "problem": "it was never refused: the overload did not reach the bound"})
    if crew.unexpected:
        problems.append({"overload": "suggested", "problem": by_kind(crew.unexpected)})
    emit({
        "overload": "suggested", "codes": by_kind(crew.counts).get("suggested"), "acknowledged": len(crew.acknowledged),
        "rss_mb": {"highest": max(during, default=None), "last": during[-1] if during else None},
    })
    return crew.acknowledged


def stored_tokens() -> set[str]:
    command = [served.THERIAC, "feedback", "list", "--store", str(STORE), "--json", "--limit", "100000000"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {json.loads(line).get("client_token") for line in lines}


def main() -> None:
    minutes = float(sys.argv[1])
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for file in OUTPUT.glob("store.sqlite*"):
        file.unlink()
    problems: list = []
    server = served.theriac(OUTPUT, "server", "--store", str(STORE), settings=SETTINGS)
    watch = Watch(server)
    watch.phase = "soak"
    crew = Crew(server.port, KINDS, LOAD, "soak")
    until = time.monotonic() + 60 * minutes
    while time.monotonic() < until and server.is_alive:
        time.sleep(0.5)
    crew.end()
    soak = [one for one in watch.samples if one["phase"] == "soak"]
    latencies = {
        name: {"p50": http_load.percentile(sorted(values), 0.5), "p99": http_load.percentile(sorted(values), 0.99)}
        for name, values in sorted(crew.latencies.items())
    }
    emit({
        "soak_minutes": minutes, "requests": sum(crew.counts.values()), "counts": by_kind(crew.counts),
        "latency_ms": latencies, "memory_mb": memory(soak),
    })
    if crew.unexpected:
        problems.append({"soak": by_kind(crew.unexpected)})
    acknowledged = set(crew.acknowledged)
    if server.is_alive and OVERLOAD > 0:
        acknowledged |= overload(server, watch, problems)
        watch.phase = "after"
        time.sleep(6)
        facts = server.facts()
        emit({"after_overload": facts, "health": server.get("/health")[0],
              "analyze": server.post(ANALYZE, served.analyze("What a lovely idea."))[0]})
    began = time.monotonic()
    watch.end()
    code = server.stop()
    stopped = time.monotonic() - began
    if code != 0:
        problems.append({"problem": f"the server's exit status is {code}"})
    kept = stored_tokens()
    missing = acknowledged - kept
    if missing:
        problems.append({"problem": f"{len(missing)} acknowledged suggestions are not in the store"})
    emit({
        "acknowledged": len(acknowledged), "in_store": len(kept), "missing": len(missing), "exit_status": code,
        "seconds_to_stop": round(stopped, 2), "problems": problems,
        "note": "server and clients ran on the same machine",
    })
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
