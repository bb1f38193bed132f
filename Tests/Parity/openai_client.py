"""Asks a running server what OpenAI's own client asks.

usage: openai_client.py BASE
Prints one JSON object: what each call came to.
"""

import json
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="any", max_retries=0)
result = {}

answer = client.moderations.create(input=["You clown.", "A lovely day."])
result["flagged"] = [entry.flagged for entry in answer.results]
result["harassment"] = [entry.category_scores.harassment for entry in answer.results]
result["applied"] = [entry.category_applied_input_types.hate for entry in answer.results]
# Every field of the typed answer must be there, under the client's own names.
categories = answer.results[0].categories.model_dump(by_alias=True)
result["missing"] = sorted(name for name, value in categories.items() if value is None)
result["model"] = answer.model
result["request_id"] = bool(answer._request_id)
result["models"] = [model.id for model in client.models.list()]
result["owner"] = client.models.retrieve(result["models"][0]).owned_by

result["errors"] = []
for call in [
    lambda: client.moderations.create(input="x", model="gpt"),
    lambda: client.moderations.create(input=[{"type": "image_url", "image_url": {"url": "data:"}}]),
    lambda: client.models.retrieve("nothing"),
]:
    try:
        call()
        raise SystemExit("a call went well that should not")
    except openai.APIStatusError as error:
        result["errors"].append([type(error).__name__, error.status_code, error.code])
print(json.dumps(result))
