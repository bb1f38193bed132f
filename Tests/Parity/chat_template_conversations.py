"""Conversations for chat_template_parity.py."""

TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather.\nOf \"one\" city; in °C.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "The city", "enum": ["Oslo", "Rome"]},
                "days": {"type": ["integer", "null"], "default": 3},
                "units": {"type": "object", "properties": {"wind": {"type": "string"}}, "required": ["wind"]},
                "places": {"type": "array", "items": {"type": "number"}},
            },
            "required": ["city"],
        },
        "return": {"type": "string"},
    },
}
CLOCK = {
    "type": "function",
    "function": {"name": "clock", "description": "The time", "parameters": {"type": "object", "properties": {}}},
}


def turn(role, content, **more):
    return {"role": role, "content": content, **more}


def call(name, arguments, identifier):
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


ARGUMENTS = {"city": "Oslo", "days": 2, "scale": 0.5, "exact": True, "other": None, "deep": {"a": ["é", "'"]}}
CALLS = turn("assistant", "", tool_calls=[call("weather", ARGUMENTS, "abcdefghi")])
TWO_CALLS = turn(
    "assistant", None, tool_calls=[call("weather", {"city": "Rome"}, "bbcdefghi"), call("clock", {}, "cbcdefghi")])
ANSWER = turn("tool", "{\"degrees\": -3}", tool_call_id="abcdefghi", name="weather")
PARTS = [{"type": "text", "text": "look "}, {"type": "image"}, {"type": "text", "text": "there"}]

MESSAGES = {
    "one turn": [turn("user", "Hello there")],
    "system": [turn("system", " Be kind. "), turn("user", "\n Hello\n "), turn("assistant", " Fine. "), turn("user", "Bye")],
    "answered": [turn("user", "a"), turn("assistant", "b"), turn("user", "c"), turn("assistant", "d")],
    "thought": [
        turn("user", "a"), turn("assistant", "<think>\nso\n</think>\n\nyes"), turn("user", "b"),
        turn("assistant", "<think>well</think>  no ")],
    "reasoning": [
        turn("user", "a"), turn("assistant", "yes", reasoning_content="so\nthen"), turn("user", "b"),
        turn("assistant", "no", thinking="well")],
    "call": [turn("user", "Rain?"), CALLS, ANSWER, turn("assistant", "No."), turn("user", "Thanks")],
    "two calls": [turn("system", "s"), turn("user", "Rain?"), TWO_CALLS, ANSWER, dict(ANSWER, content="12:00")],
    "parts": [turn("user", PARTS), turn("assistant", [{"type": "text", "text": "seen"}])],
    "parts of system": [turn("system", [{"type": "text", "text": "s"}]), turn("user", "x")],
    "two of user": [turn("user", "a"), turn("user", "b")],
    "assistant first": [turn("assistant", "a"), turn("user", "b")],
    "system only": [turn("system", "a")],
    "nothing": [],
    "unknown role": [turn("poet", "a")],
    "other scripts": [turn("user", "ünïcode 日本 😀 \u00a0"), turn("assistant", "e\u0301\r\n'\"<b>")],
}


def conversations():
    """Name, messages, tools, whether the assistant's turn begins, and further variables."""
    for name, messages in MESSAGES.items():
        for tools in [None, [WEATHER, CLOCK]]:
            for generation in [False, True]:
                label = f"{name}{', tools' if tools else ''}{', generation' if generation else ''}"
                yield label, messages, tools, generation, TOKENS
        for thinking in [False, True]:
            more = {"enable_thinking": thinking, "date_string": "1 May 2026", "reasoning_effort": "high"}
            yield f"{name}, thinking {thinking}", messages, None, True, TOKENS | more
