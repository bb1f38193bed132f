"""Asks a running server what scripts ask Perspective, with google-api-python-client.

usage: perspective_client.py BASE [KEY]
Prints one JSON object: what each call came to. Fails when a call goes wrong that should not.
"""

import json
import sys

from googleapiclient import discovery
from googleapiclient.errors import HttpError

base = sys.argv[1]
key = sys.argv[2] if len(sys.argv) > 2 else None
result = {}


def build(path):
    return discovery.build(
        "commentanalyzer", "v1alpha1", developerKey=key, discoveryServiceUrl=base + path, static_discovery=False
    )


def request(text, attributes=("TOXICITY",), **more):
    body = {
        "comment": {"text": text},
        "requestedAttributes": {name: {} for name in attributes},
        "languages": ["en"],
        "doNotStore": True,
    }
    body.update(more)
    return body


client = build("/$discovery/rest?version=v1alpha1")
build("/discovery/v1/apis/commentanalyzer/v1alpha1/rest")

# One call, as most scripts make it.
answer = client.comments().analyze(body=request("You clown.", ("TOXICITY", "INSULT"), clientToken="t")).execute()
assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["type"] == "PROBABILITY"
result["analyze"] = answer
result["spans"] = client.comments().analyze(
    body=request("Nice try \U0001F642. You clown.", spanAnnotations=True)
).execute()["attributeScores"]["TOXICITY"]["spanScores"]
result["fields"] = client.comments().analyze(body=request("You clown."), fields="languages").execute()

# A hundred in one batch, with the shape that RealToxicityPrompts' and DExperts' scripts read.
texts = ["You clown number %d." % place for place in range(98)] + ["", "\n"]
answers = {}
errors = {}


def collect(number, response, exception):
    if exception is None:
        answers[number] = response
    else:
        errors[number] = exception.reason


batch = client.new_batch_http_request()
for place, text in enumerate(texts):
    batch.add(client.comments().analyze(body=request(text)), callback=collect, request_id="gen-%d" % place)
batch.execute()
for response in answers.values():
    scores = response["attributeScores"]["TOXICITY"]
    assert scores["summaryScore"]["type"] == "PROBABILITY" and len(scores["spanScores"]) == 1
    assert scores["spanScores"][0]["score"]["value"] == scores["summaryScore"]["value"]
result["batch"] = {"answers": len(answers), "errors": errors}

# Errors, as callers tell them apart.
result["errors"] = []
for body in [
    request(""),
    request("x" * 20481),
    request("x", ()),
    request("x", ("FOO",)),
    request("x", languages=["th"]),
    request("x", oddField=1),
]:
    try:
        client.comments().analyze(body=body).execute()
        raise SystemExit("a call went well that should not")
    except HttpError as error:
        details = error.error_details
        kind = details[0].get("errorType") if isinstance(details, list) else None
        result["errors"].append([error.resp.status, error.reason, kind])

result["suggest"] = client.comments().suggestscore(
    body={
        "comment": {"text": "You clown."},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
        "clientToken": "comment:1",
        "communityId": "forum",
    }
).execute()
print(json.dumps(result))
