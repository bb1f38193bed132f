"""Asks a guard what OpenAI's own client asks a model's server.

usage: guard_client.py BASE
Prints one JSON object: what each call came to.
"""

import json
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="any", max_retries=0)
result = {}


def messages(text):
    return [{"role": "user", "content": text}]


def done(answer):
    return answer.theriac["output"][0]["action"]


answer = client.completions.create(model="m", prompt="hello")
result["completion"] = [answer.choices[0].text, answer.choices[0].finish_reason, done(answer)]
answer = client.chat.completions.create(model="m", messages=messages("hello"))
result["chat"] = [answer.choices[0].message.content, answer.choices[0].finish_reason, done(answer)]


def read(stream, text):
    whole, finish, action = "", None, None
    for chunk in stream:
        for choice in chunk.choices:
            whole += text(choice) or ""
            finish = choice.finish_reason or finish
        if getattr(chunk, "theriac", None):
            action = done(chunk)
    return [whole, finish, action]


def chat(text):
    stream = client.chat.completions.create(model="m", messages=messages(text), stream=True)
    return read(stream, lambda choice: choice.delta.content)


result["chat_stream"] = chat("hello")
stream = client.completions.create(model="m", prompt="hello", stream=True)
result["completion_stream"] = read(stream, lambda choice: choice.text)
result["cut"] = chat("do badly")
answer = client.chat.completions.create(model="m", messages=messages("do badly"))
result["withheld"] = [answer.choices[0].message.content, answer.choices[0].finish_reason, done(answer)]
answer = client.chat.completions.create(model="m", messages=messages("vile"))
result["safe"] = [answer.choices[0].message.content, answer.choices[0].finish_reason]
try:
    client.chat.completions.create(model="m", messages=messages("a menace"))
except openai.APIStatusError as error:
    result["refused"] = [
        type(error).__name__, error.code, error.response.json()["theriac"]["input"]["action"]
    ]
result["models"] = [model.id for model in client.models.list()]
print(json.dumps(result))
