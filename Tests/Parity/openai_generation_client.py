"""Asks a running server for texts as OpenAI's own client asks.

usage: openai_generation_client.py BASE MODEL
Prints one JSON object: what each call came to.
"""

import json
import sys

import openai

base, model = sys.argv[1:]
client = openai.OpenAI(base_url=base + "/v1", api_key="any", max_retries=0)
result = {}

answer = client.completions.create(model=model, prompt=["the", "on"], n=2, max_tokens=8, seed=1, logprobs=2)
result["texts"] = [choice.text for choice in answer.choices]
result["indexes"] = [choice.index for choice in answer.choices]
result["finish"] = [choice.finish_reason for choice in answer.choices]
result["lists"] = [
    len({len(choice.logprobs.tokens), len(choice.logprobs.token_logprobs), len(choice.logprobs.top_logprobs),
         len(choice.logprobs.text_offset)})
    for choice in answer.choices
]
result["usage"] = answer.usage.total_tokens - answer.usage.prompt_tokens - answer.usage.completion_tokens
result["chain"] = answer.model_extra["theriac"]["chain"]
result["request_id"] = bool(answer._request_id)

again = client.completions.create(model=model, prompt=["the", "on"], n=2, max_tokens=8, seed=1, logprobs=2)
result["repeated"] = [choice.text for choice in again.choices] == result["texts"]

pieces = {}
usage = None
for event in client.completions.create(
        model=model, prompt=["the", "on"], n=2, max_tokens=8, seed=1, stream=True,
        stream_options={"include_usage": True}):
    usage = event.usage or usage
    for choice in event.choices:
        pieces[choice.index] = pieces.get(choice.index, "") + choice.text
result["streamed"] = [pieces[index] for index in sorted(pieces)]
result["streamed_usage"] = usage.total_tokens == answer.usage.total_tokens

echo = client.completions.create(model=model, prompt="the end", echo=True, max_tokens=0, logprobs=1)
result["echo"] = [echo.choices[0].text, echo.choices[0].logprobs.token_logprobs[0]]

messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello"}]
chat = client.chat.completions.create(
    model=model, messages=messages, max_completion_tokens=12, seed=2, logprobs=True, top_logprobs=2)
result["chat"] = chat.choices[0].message.content
result["role"] = chat.choices[0].message.role
result["chat_logprobs"] = sorted({len(entry.top_logprobs) for entry in chat.choices[0].logprobs.content})
text = ""
finish = None
for event in client.chat.completions.create(
        model=model, messages=messages, max_completion_tokens=12, seed=2, stream=True):
    text += event.choices[0].delta.content or ""
    finish = event.choices[0].finish_reason or finish
result["chat_streamed"] = text
result["chat_finish"] = finish == chat.choices[0].finish_reason
with client.chat.completions.with_streaming_response.create(
        model=model, messages=messages, max_completion_tokens=2) as raw:
    result["raw"] = raw.status_code

steered = client.completions.create(
    model=model, prompt="the", max_tokens=4, extra_body={"theriac": {"chain": ["word-filter"]}})
result["steered"] = steered.model_extra["theriac"]["chain"]
result["models"] = [entry.id for entry in client.models.list()]

result["errors"] = []
for call in [
    lambda: client.completions.create(model="gpt", prompt="x"),
    lambda: client.completions.create(model=model, prompt="x", max_tokens=100_000),
    lambda: client.completions.create(model=model, prompt="x", suffix="y"),
    lambda: client.completions.create(model=model, prompt="x", extra_body={"theriac": {"chain": ["nothing"]}}),
    lambda: client.chat.completions.create(model=model, messages=[]),
    lambda: client.chat.completions.create(
        model=model, messages=messages, tools=[{"type": "function", "function": {"name": "f"}}]),
    lambda: client.completions.create(model=model, prompt="x", stream=True, max_tokens=100_000),
]:
    try:
        call()
        raise SystemExit("a call went well that should not")
    except openai.APIStatusError as error:
        result["errors"].append([type(error).__name__, error.status_code, error.code, error.param])
print(json.dumps(result))
