"""Load figures of `theriac serve`; see Scripts/bench-server.sh for how to call it.

JSON lines on standard output: one a measurement, and a line of medians for each part at its end. "most" is as many
requests a second as connections without a pause get answered; "half" is half of that at appointed times.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import http_load
import served

ROUNDS = int(os.environ.get("ROUNDS", 3))
SECONDS = float(os.environ.get("SECONDS_EACH", 10))
CONNECTIONS = int(os.environ.get("CONNECTIONS", 32))
TEXTS = int(os.environ.get("TEXTS", 2000))
STYLE = os.environ.get("PEER_STYLE", "pool")
STREAMS = 16
NEW_TOKENS = 64
OUTPUT = served.ROOT / "runs/bench-server"
PATH = "/v1alpha1/comments:analyze"
# Enough callers that batches of 64 fill while another is computed.
BATCHED_CONNECTIONS = int(os.environ.get("BATCHED_CONNECTIONS", 192))


def emit(record: dict) -> dict:
    print(json.dumps(record), flush=True)
    return record


def median(records: list[dict], name: str) -> float | None:
    values = [record[name] for record in records if record.get(name) is not None]
    return round(statistics.median(values), 3) if values else None


# MARK: One server


def most(port: int, bodies: list[bytes], connections: int) -> dict:
    """By wrk where it is installed: in Python the generator would need as much of the machine as the server."""
    if not shutil.which("wrk"):
        requests = [http_load.post(PATH, body) for body in bodies]
        return {"generator": "http_load.py"} | http_load.run(port, requests, SECONDS, connections)
    # A question mark in a Lua string needs no escape; JSON in long brackets none at all.
    script = OUTPUT / "requests.lua"
    script.write_text(
        "local bodies = {\n" + "".join(f"[==[{body.decode()}]==],\n" for body in bodies) + "}\n"
        "local made, place = {}, 0\n"
        "function init()\n"
        f'  for i, body in ipairs(bodies) do made[i] = wrk.format("POST", "{PATH}", '
        '{["Content-Type"] = "application/json"}, body) end\n'
        "end\n"
        "function request() place = place % #made + 1; return made[place] end\n"
    )
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS:g}s", "--latency", "--timeout", "30s", "-s", str(script)]
    text = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"], check=True, capture_output=True, text=True, timeout=SECONDS + 90
    ).stdout
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    failed = re.search(r"Socket errors: (.*)", text)
    return {
        "generator": "wrk", "connections": connections,
        "requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
        "refused": int(refused[1]) if refused else 0, "socket_errors": failed[1] if failed else None,
    }


def figures(who: str, server: served.Served, bodies: list[bytes], connections: int) -> tuple[list[dict], list[dict]]:
    """Measures the most in rounds, then half of the median of that."""
    requests = [http_load.post(PATH, body) for body in bodies]
    http_load.run(server.port, requests, 2, connections)
    peaks, halves = [], []
    for number in range(1, ROUNDS + 1):
        before = server.facts()["cpu_seconds"]
        peak = {"who": who, "load": "most", "round": number} | most(server.port, bodies, connections)
        peak["server_cpu_seconds"] = round(server.facts()["cpu_seconds"] - before, 2)
        peaks.append(emit(peak))
    rate = statistics.median(peak["requests_per_second"] for peak in peaks) / 2
    for number in range(1, ROUNDS + 1):
        half = http_load.run(server.port, requests, SECONDS, connections, rate=rate)
        halves.append(emit({"who": who, "load": "half", "round": number} | half))
    return peaks, halves


def summary(who: str, peaks: list[dict], halves: list[dict]) -> dict:
    return {
        "who": who, "median_of": ROUNDS, "requests_per_second": median(peaks, "requests_per_second"),
        "half_rate": halves[0]["rate"], "half_p50_ms": median(halves, "p50"), "half_p99_ms": median(halves, "p99"),
        "note": "the load generator ran on the same machine",
    }


# MARK: Parts


def linear() -> None:
    bodies = [json.dumps(served.analyze(text)).encode() for text in served.comments()[:500]]
    with served.theriac(OUTPUT, "linear", "--detector", "steer") as server:
        emit(summary("steer, 200 characters", *figures("steer", server, bodies, CONNECTIONS)))


def offline(detector: str) -> float:
    """Texts a second of `theriac score`: a long file's time less a short one's, so that loading does not count."""
    texts = served.comments()
    times = {}
    for count in [64, TEXTS]:
        file = OUTPUT / f"texts-{count}.jsonl"
        file.write_text("".join(json.dumps({"text": texts[place % len(texts)]}) + "\n" for place in range(count)))
        began = time.perf_counter()
        with open(OUTPUT / "scores.jsonl", "wb") as scores:
            subprocess.run(
                [served.THERIAC, "score", "--json", "--detector", detector, str(file)], check=True, stdout=scores)
        times[count] = time.perf_counter() - began
    return (TEXTS - 64) / (times[TEXTS] - times[64])


def scored(who: str, detector: str) -> dict:
    """A transformer detector: served against offline."""
    bodies = [json.dumps(served.analyze(text)).encode() for text in served.comments()[:500]]
    alone = [
        emit({"who": who, "load": "offline", "round": number, "texts_per_second": round(offline(detector), 1)})
        for number in range(1, ROUNDS + 1)
    ]
    with served.theriac(OUTPUT, "transformer", "--detector", detector) as server:
        result = summary(who, *figures(who, server, bodies, BATCHED_CONNECTIONS))
    base = median(alone, "texts_per_second")
    result |= {"offline_texts_per_second": base, "share_of_offline": round(result["requests_per_second"] / base, 3)}
    return emit(result)


def judge() -> None:
    scored("judge, 200 characters", "judge")


def classifier() -> Path:
    """MiniLM with a random head of seven labels, as both can load it."""
    folder = OUTPUT / "classifier"
    if not (folder / "model.safetensors").exists():
        base = Path(os.environ.get("THERIAC_MODELS", served.ROOT / ".models")) / "all-MiniLM-L6-v2"
        script = served.ROOT / "Tests/Parity/minilm_transformers.py"
        subprocess.run([served.PYTHON, str(script), "make", str(base), str(folder)], check=True, stdout=sys.stderr)
    return folder


def peer() -> None:
    folder = classifier()
    bodies = [json.dumps(served.analyze(text)).encode() for text in served.comments()[:500]]
    ours = scored("theriac, MiniLM classifier", str(folder))
    port = served.free_port()
    script = Path(__file__).with_name("fastapi_service.py")
    command = [
        served.PYTHON, str(script), str(folder), "--port", str(port), "--threads", "2", "--style", STYLE]
    with served.Served(command, OUTPUT, "fastapi", port) as server:
        theirs = emit(
            summary(f"FastAPI and transformers, {STYLE}", *figures("fastapi", server, bodies, CONNECTIONS)))
    emit({"ratio_of_requests_per_second": round(ours["requests_per_second"] / theirs["requests_per_second"], 2)})


def generated(count: int) -> tuple[int, float]:
    """Tokens and seconds of `theriac generate` with as many rows as the server gets streams."""
    prompts, output = OUTPUT / "prompts.jsonl", OUTPUT / "generated.jsonl"
    prompts.write_text(
        "".join(json.dumps({"id": str(i), "prompt": text}) + "\n" for i, text in enumerate(served.prompts()[:count])))
    for file in OUTPUT.glob("generated*"):
        file.unlink()
    began = time.perf_counter()
    subprocess.run(
        [
            served.THERIAC, "generate", "--model", "theriac-lm", "--prompts", str(prompts), "--samples", "1",
            "--max-new-tokens", str(NEW_TOKENS), "--top-p", "1", "--batch-rows", str(STREAMS), "--quiet",
            "--output", str(output),
        ],
        check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - began
    records = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    return sum(len(record["tokens"]) + (record["finish"] == "eos") for record in records), took


def completions() -> None:
    base = {"model": "theriac-lm", "max_tokens": NEW_TOKENS, "stream": True, "stream_options": {"include_usage": True}}
    requests = [
        http_load.post("/v1/completions", json.dumps(base | {"prompt": prompt, "seed": seed}).encode())
        for seed, prompt in enumerate(served.prompts())
    ]
    alone, streamed = [], []
    for number in range(1, ROUNDS + 1):
        (few, short), (many, long) = generated(STREAMS), generated(25 * STREAMS)
        speed = round((many - few) / (long - short), 1)
        alone.append(emit({"who": "generate", "load": "offline", "round": number, "tokens_per_second": speed}))
    with served.theriac(OUTPUT, "completions", "--model", "theriac-lm") as server:
        for number in range(1, ROUNDS + 1):
            found = http_load.run(server.port, requests, SECONDS, STREAMS, warmup=2)
            streamed.append(emit({"who": "completions", "load": f"{STREAMS} streams", "round": number} | found))
    ours, base = median(streamed, "tokens_per_second"), median(alone, "tokens_per_second")
    emit({
        "who": "theriac-lm, 16 concurrent streams", "median_of": ROUNDS, "tokens_per_second": ours,
        "offline_tokens_per_second": base, "share_of_offline": round(ours / base, 3),
        "first_event_p50_ms": median(streamed, "first_byte_p50"),
        "note": "the load generator ran on the same machine",
    })


PARTS = {"linear": linear, "judge": judge, "peer": peer, "completions": completions}

if __name__ == "__main__":
    OUTPUT.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := [name for name in wanted if name not in PARTS]:
        raise SystemExit(f"No such part: {', '.join(unknown)}. There are {', '.join(PARTS)}.")
    for name in wanted:
        PARTS[name]()
