"""The peer of `theriac serve`: what people write around a classifier in transformers, with FastAPI.

    fastapi_service.py MODEL_FOLDER [--port 8081] [--threads 2] [--style pool|loop]

One route of Perspective's shape, `POST /v1alpha1/comments:analyze`; tokenizer and model are called once a request.
MODEL_FOLDER is a sequence classifier (`Tests/Parity/minilm_transformers.py make` makes one of seven labels; `theriac
serve --detector MODEL_FOLDER` loads the same). Styles: `pool`, a plain function, which FastAPI runs on its pool of
forty threads; `loop`, an asynchronous one that computes where it stands. Both are common.
"""

import argparse

import torch
import uvicorn
from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer


class Comment(BaseModel):
    text: str


class AnalyzeRequest(BaseModel):
    comment: Comment
    requestedAttributes: dict[str, dict]
    languages: list[str] = []
    doNotStore: bool = False


def service(folder: str, style: str) -> FastAPI:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    labels = {name.upper(): place for place, name in model.config.id2label.items()}
    app = FastAPI()

    def scores(request: AnalyzeRequest) -> dict:
        unknown = [name for name in request.requestedAttributes if name not in labels]
        if unknown or not request.comment.text.strip():
            raise HTTPException(400, f"Unknown attributes: {unknown}" if unknown else "Comment must be non-empty.")
        inputs = tokenizer(request.comment.text, return_tensors="pt", truncation=True, max_length=512)
        with torch.inference_mode():
            values = model(**inputs).logits[0].sigmoid().tolist()
        found = {
            name: {"summaryScore": {"value": values[labels[name]], "type": "PROBABILITY"}}
            for name in request.requestedAttributes
        }
        return {"attributeScores": found, "languages": request.languages}

    if style == "pool":

        @app.post("/v1alpha1/comments:analyze")
        def analyze(request: AnalyzeRequest) -> dict:
            return scores(request)

    else:

        @app.post("/v1alpha1/comments:analyze")
        async def analyze(request: AnalyzeRequest) -> dict:
            return scores(request)

    @app.get("/health")
    def health() -> Response:
        return Response()

    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--style", choices=["pool", "loop"], default="pool")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    uvicorn.run(service(options.model, options.style), host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
