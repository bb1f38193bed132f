"""The requests that fuzz_server.py sends: good ones for every route, changed in their meaning and in their bytes.

`python3 fuzz_requests.py SEED WORKER NUMBER` prints one.
"""

import copy
import random
import sys

TEXTS = ["You are a clown. The garden is nice.", "Nice try \U0001f642.", "I will find you\nand then?", "\t", "x"]
CHAIN = [
    "word-filter", {"method": "best-of-n", "count": 2}, {"method": "rejection", "tries": 2}, {"method": "dexperts", "alpha": 2},
    "self-debiasing", {"method": "steering", "strength": 1.5}, "gedi", "streaming-guard", "none", "clean-context",
]
ROWS = {
    "model": "theriac-lm", "max_tokens": 4, "n": 2, "temperature": 0.7, "top_p": 0.9, "top_k": 40, "seed": 7,
    "frequency_penalty": 0.5, "presence_penalty": -0.5, "repetition_penalty": 1.1, "min_tokens": 1,
    "logit_bias": {"17": -100, "300": 5}, "stop": ["\n", "end"], "stop_token_ids": [5], "ignore_eos": True,
    "stream": False, "user": "u", "theriac": {"chain": ["word-filter"]},
}
ANALYZE = {
    "comment": {"text": TEXTS[0], "type": "PLAIN_TEXT"},
    "requestedAttributes": {"TOXICITY": {"scoreType": "PROBABILITY", "scoreThreshold": 0.1}, "THREAT@judge": {}},
    "languages": ["en"], "spanAnnotations": True, "doNotStore": False, "dropUnsupportedAttributes": True,
    "clientToken": "t", "sessionId": "s", "communityId": "c", "context": {"entries": [{"text": "before"}]},
}
SUGGEST = {
    "comment": {"text": TEXTS[1]}, "languages": ["en"], "communityId": "c", "clientToken": "t", "doNotStore": True,
    "attributeScores": {
        "INSULT": {
            "summaryScore": {"value": 0.25, "type": "PROBABILITY"},
            "spanScores": [{"begin": 0, "end": 4, "score": {"value": 0.5}}],
        }
    },
}
TALK = [
    {"role": "system", "content": "Be kind."}, {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
    {"role": "assistant", "content": "Hi.", "name": "a"}, {"role": "user", "content": "The garden"},
]
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
OWN = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}

# method, path, type of the body, body, weight
ROUTES = [
    ("POST", "/v1alpha1/comments:analyze?key=K&fields=attributeScores(TOXICITY/summaryScore),languages", JSON, ANALYZE, 8),
    ("POST", "/v1alpha1/comments:analyze?prettyPrint=false", JSON, ANALYZE, 6),
    ("POST", "/v1alpha1/comments:suggestscore", JSON, SUGGEST, 8),
    ("POST", "/batch", "multipart/mixed; boundary=B", None, 6),
    ("POST", "/batch/commentanalyzer/v1alpha1", 'multipart/mixed; boundary="B"', None, 3),
    ("GET", "/$discovery/rest?version=v1alpha1", None, None, 1),
    ("GET", "/discovery/v1/apis/commentanalyzer/v1alpha1/rest", None, None, 1),
    ("POST", "/v1/moderations", JSON, {"input": [{"type": "text", "text": "x"}], "model": "judge"}, 4),
    ("POST", "/v1/moderations", JSON, {"input": TEXTS, "model": "omni-moderation-latest"}, 4),
    ("GET", "/v1/models", None, None, 1),
    ("GET", "/v1/models/theriac-lm", None, None, 1),
    ("POST", "/v1/completions", JSON, ROWS | {"prompt": "The garden", "logprobs": 2, "echo": True, "best_of": 2}, 4),
    ("POST", "/v1/completions", JSON,
     ROWS | {"prompt": [[5, 6, 7], [8]], "stream": True, "stream_options": {"include_usage": True}}, 3),
    ("POST", "/v1/completions", JSON,
     {"prompt": ["a", "b"], "max_tokens": 2, "return_token_ids": True, "add_special_tokens": False}, 3),
    ("POST", "/v1/chat/completions", JSON, ROWS | {"messages": TALK, "logprobs": True, "top_logprobs": 2}, 4),
    ("POST", "/v1/chat/completions", JSON,
     {"messages": TALK[:3], "continue_final_message": True, "max_completion_tokens": 3, "stream": True,
      "chat_template_kwargs": {"a": [1, {"b": None}]}}, 2),
    ("POST", "/tokenize", JSON, {"prompt": TEXTS[1], "add_special_tokens": True, "return_token_strs": True}, 3),
    ("POST", "/tokenize", JSON, {"messages": TALK, "model": "theriac-lm"}, 2),
    ("POST", "/detokenize", JSON, {"tokens": [1, 2, 300, 8191], "model": "theriac-lm"}, 3),
    ("GET", "/tokenizer_info", None, None, 1),
    ("POST", "/classify", JSON, {"input": ["x", "y"], "model": "steer"}, 4),
    ("POST", "/predict", JSON, {"inputs": [["x"], "y"], "raw_scores": False, "truncate": True}, 4),
    ("GET", "/health", None, None, 1), ("GET", "/ping", None, None, 1), ("GET", "/livez", None, None, 1),
    ("GET", "/version", None, None, 1), ("GET", "/metrics", None, None, 1), ("GET", "/?range=day", None, None, 1),
    ("GET", "/operator/summary.json?range=hour", None, None, 1), ("GET", "/operator/page.css", None, None, 1),
    ("GET", "/operator/page.js", None, None, 1),
    ("POST", "/operator/score", JSON, ANALYZE, 2),
    ("POST", "/operator/review", FORM, b"id=1&status=accepted&token=0", 2),
    ("POST", "/operator/sign-in", FORM, b"key=%41b+c", 2),
    ("POST", "/operator/sign-out", FORM, b"token=0", 1),
    ("OPTIONS", "/v1/completions", None, None, 1),
]
WEIGHTS = [route[-1] for route in ROUTES]


class Raw(bytes):
    """What stands in a JSON body as it is."""


class Pairs(list):
    """Members of an object, in order; keys may come twice."""


# MARK: Meaning


def odd(random: random.Random):
    """A value that a field did not ask for."""
    kind = random.randrange(15)
    if kind == 0:
        return random.choice([None, True, False])
    if kind == 1:
        return random.choice([0, -1, 1, 2, 255, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64, 10**40])
    if kind == 2:
        return Raw(random.choice([
            b"1e308", b"1e309", b"-1e400", b"1e-400", b"0.1e1", b"-0", b"-0.0", b"00", b".5", b"1.", b"NaN", b"Infinity",
            b"1" * 400, b"0." + b"3" * 400, b"1e" + b"9" * 40, b"3.4028236e38", b"1e39", b"0x10", b"+1", b"nul", b"tru",
        ]))
    if kind == 3:
        return Raw(b'"' + random.choice([
            b"\\ud800", b"\\udc00\\ud800", b"\\u0000", b"\\uD83D\\uDE42", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\\x",
            b"\\u12", b"\x00", b"\x1f", b"\xf4\x90\x80\x80", b"\\/", b"\xef\xbb\xbf",
        ]) + b'"')
    if kind == 4:
        depth = random.choice([3, 50, 200, 5000])
        return Raw(random.choice([b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth, b"[" * depth]))
    if kind == 5:
        word = random.choice(["a", " ", "\n", "\U0001f468\u200d", "e\u0301", "\u202e", "ab. ", "\u0000", "ż"])
        return word * random.choice([1, 10, 300, 300, 5000, 21000])
    if kind == 6:
        return "".join(chr(random.choice([*range(32, 127), *range(0x300, 0x340), 0x1F642, 0xFFFD, 0xE0001])) for _ in range(20))
    if kind == 7:
        return random.choice([[], {}, [[]], [{}], [None], [""], {"": ""}, ["x"] * 300, list(range(300)), [[1]] * 40])
    if kind == 8:
        return random.choice(TEXTS)
    if kind == 9:
        return random.choice([0.5, -0.5, 1.5, 1e-9, 1e9, 3.999999, float(2**53)])
    if kind == 10:
        return random.choice(["", "0", "1", "true", "null", "auto", "judge", "steer", "judge@00", "@", "..", "/etc/passwd"])
    if kind == 11:
        return [copy.deepcopy(random.choice(CHAIN)) for _ in range(random.choice([1, 1, 2, 3, 17]))]
    if kind == 12:
        return {"chain": copy.deepcopy(random.choice(CHAIN)), "adapter": random.choice([None, "a"])}
    if kind == 13:
        return {"TOXICITY": {}, "THREAT": None, "FLIRTATION": {"scoreType": "RAW"}, "X" * random.choice([1, 900]): {}}
    return {"type": random.choice(["text", "image_url"]), "text": random.choice(TEXTS)}


def places(value, found: list) -> list:
    """Every container of a body with a key into it."""
    if isinstance(value, dict):
        for key, member in value.items():
            found.append((value, key))
            places(member, found)
    elif isinstance(value, list) and not isinstance(value, Pairs):
        for place, member in enumerate(value):
            found.append((value, place))
            places(member, found)
    return found


def changed(body, random: random.Random):
    """One to three changes of meaning."""
    body = copy.deepcopy(body)
    for _ in range(random.choice([1, 1, 2, 3])):
        found = places(body, [])
        if not found:
            return odd(random)
        container, key = random.choice(found)
        what = random.randrange(10)
        if what < 6:
            container[key] = odd(random)
        elif what == 6:
            del container[key]
        elif what == 7 and isinstance(container, dict):
            container[random.choice(["", "x", key + "s", key.upper(), "\u0000", "text", "model"])] = odd(random)
        elif what == 8 and isinstance(container, dict):
            # The same key twice.
            twice = Pairs(list(container.items()) + [(key, odd(random))])
            if container is body:
                return twice
            for other, place in found:
                if other[place] is container:
                    other[place] = twice
        else:
            other, place = random.choice(found)
            container[key] = copy.deepcopy(other.get(place) if isinstance(other, dict) else
                                           other[place] if place < len(other) else None)
    return body


def written(value) -> bytes:
    """JSON, but for what is raw."""
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return b'"' + escaped.replace("\x00", "\\u0000").encode("utf-8", "surrogatepass") + b'"'
    if isinstance(value, (dict, Pairs)):
        pairs = value.items() if isinstance(value, dict) else value
        return b"{" + b",".join(written(str(key)) + b":" + written(member) for key, member in pairs) + b"}"
    if isinstance(value, (list, tuple)):
        return b"[" + b",".join(map(written, value)) + b"]"
    return {True: b"true", False: b"false", None: b"null"}[value] if value is None or isinstance(value, bool) else repr(value).encode()


# MARK: Bytes


def garbled(data: bytes, random: random.Random) -> bytes:
    """One to six changes of bytes; often it is cut."""
    found = bytearray(data)
    telling = b'{}[]",:\\/-+%<>()=\n\r\0\x7f0ue\xff\xc0\x80\xed'
    for _ in range(random.randint(1, 6)):
        if not found:
            break
        place = random.randrange(len(found))
        end = min(len(found), place + random.randint(1, 20))
        what = random.randrange(5)
        if what == 0:
            found[place] = random.choice(telling)
        elif what == 1:
            found[place] = random.randrange(256)
        elif what == 2:
            del found[place:end]
        elif what == 3:
            found[place:place] = found[place:end] * random.choice([1, 1, 2, 50])
        else:
            del found[place:]
    return bytes(found)


def batch(random: random.Random) -> bytes:
    """A multipart body whose parts are good or odd."""
    end = random.choice([b"\r\n", b"\n"])
    parts = []
    for place in range(random.choice([0, 1, 2, 5, 40])):
        method, path, _, body, _ = random.choices(ROUTES[:24], WEIGHTS[:24])[0]
        if isinstance(body, dict):
            body = written(changed(body, random) if random.random() < 0.5 else body)
        path = path if random.random() < 0.9 else random.choice(["/batch", "", "//", "/x y", "http://h/v1/models", "*"])
        head = f"Content-Type: application/http\nContent-ID: <u + {place}>\n\n{method} {path} HTTP/1.1\nHost: h\n\n"
        part = head.encode().replace(b"\n", end) + (body or b"")
        parts.append(garbled(part, random) if random.random() < 0.15 else part)
    return b"".join(b"--B" + end + part + end for part in parts) + b"--B--" + end


# MARK: Whole requests

FIELDS = [
    b"Accept-Encoding: gzip", b"Expect: 100-continue", b"Authorization: Bearer x", b"Authorization: \xff", b"X-Goog-Api-Key: ",
    b"Cookie: theriac=1; =; a", b"Origin: null", b"Origin: https://a.example", b"Connection: close", b"X: " + b"y" * 9000,
    b"X-Forwarded-Host: h", b"Upgrade: websocket\r\nConnection: Upgrade", b"Content-Encoding: gzip", b"Transfer-Encoding: gzip",
    b"Range: bytes=0-1", b"If-None-Match: *", b"Sec-Fetch-Site: same-origin", b"Host: [", b"Content-Type: text/plain", b": x",
    b"X-HTTP-Method-Override: DELETE", b"\x00: \x00", b" folded: x",
]
METHODS = [b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"PATCH", b"TRACE", b"PROPFIND", b"get", b"X"]


def request(seed: int, worker: int, number: int) -> tuple[str, bytes, bool]:
    """- Returns: the route meant, the bytes, and whether they end where the head says."""
    chance = random.Random((seed << 48) ^ (worker << 40) ^ number)
    method, path, kind, body, _ = chance.choices(ROUTES, WEIGHTS)[0]
    name = f"{method} {path.split('?')[0]}"
    if kind and kind.startswith("multipart"):
        data = batch(chance)
    elif isinstance(body, dict):
        data = written(changed(body, chance) if chance.random() < 0.8 else body)
    else:
        data = body or (b"" if chance.random() < 0.95 else b'{"a": 1}')
    if data and chance.random() < 0.2:
        data = garbled(data, chance)
    method, target = method.encode(), path.encode()
    if chance.random() < 0.04:
        method = chance.choice(METHODS)
    if chance.random() < 0.06:
        target = bytes(byte for byte in garbled(target, chance) if byte > 32) or b"/"
    fields = [b"Host: 127.0.0.1"]
    if kind:
        if chance.random() < 0.05:
            kind = "".join(chr(byte) for byte in garbled(kind.encode(), chance) if 32 <= byte < 127)
        fields.append(b"Content-Type: " + kind.encode())
    if b"/operator/" in target and chance.random() < 0.7:
        fields += [f"{key}: {value}".encode() for key, value in OWN.items()]
    while chance.random() < 0.15:
        fields.append(chance.choice(FIELDS))
    is_framed = True
    framing = chance.random()
    if framing < 0.9 or method in (b"HEAD",):
        if data or method == b"POST":
            fields.append(b"Content-Length: %d" % len(data))
    elif framing < 0.96 and data:
        step = chance.randint(1, len(data))
        pieces = [data[start : start + step] for start in range(0, len(data), step)][:200]
        fields.append(b"Transfer-Encoding: chunked")
        data = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    else:
        fields.append(b"Content-Length: " + chance.choice([b"0", b"-1", b"99999999999999999999", b"%d" % (len(data) + 9), b"x", b""]))
        is_framed = False
    whole = method + b" " + target + b" HTTP/1.1\r\n" + b"\r\n".join(fields) + b"\r\n\r\n" + data
    if chance.random() < 0.01:
        whole, is_framed = garbled(whole, chance), False
    return name, whole, is_framed


if __name__ == "__main__":
    sys.stdout.buffer.write(request(*map(int, sys.argv[1:4]))[1])
