"""MiniLM-L6 as a classifier in transformers: the peer of Scripts/bench-detection.sh.

make BASE OUTPUT                                    a classifier with a random head of seven labels
score MODEL COMMENTS DTYPE THREADS OUTPUT           scores, and one JSON line with the speed
compare FOLDER                                      medians, ratios and differences of what lies in FOLDER
"""

import json
import pathlib
import shutil
import statistics
import sys
import time

LABELS = ["toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat", "sexual_explicit"]


def make(base, output):
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(1)
    config = BertConfig.from_pretrained(base, id2label=dict(enumerate(LABELS)), label2id={n: i for i, n in enumerate(LABELS)})
    config.problem_type = "multi_label_classification"
    model = BertForSequenceClassification.from_pretrained(base, config=config)
    torch.nn.init.normal_(model.classifier.weight, std=0.2)
    model.save_pretrained(output)
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(pathlib.Path(base) / name, output)


def score(folder, comments, dtype, threads, output):
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification

    torch.set_num_threads(int(threads))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = BertForSequenceClassification.from_pretrained(folder).to({"fp32": torch.float32, "bf16": torch.bfloat16}[dtype]).eval()
    texts = [json.loads(line)["text"] for line in open(comments, encoding="utf-8")]

    def run(texts):
        scores = []
        with torch.no_grad():
            for start in range(0, len(texts), 32):
                batch = tokenizer(texts[start : start + 32], return_tensors="pt", padding=True, truncation=True, max_length=512)
                scores += model(**batch).logits.float().sigmoid().tolist()
        return scores

    run(texts[:64])
    started = time.perf_counter()
    scores = run(texts)
    seconds = time.perf_counter() - started
    lengths = [len(ids) for ids in tokenizer(texts)["input_ids"]]
    with open(output, "w", encoding="utf-8") as file:
        for length, row in zip(lengths, scores):
            file.write(json.dumps({"tokens": length, "scores": row}) + "\n")
    speed = {"who": "transformers", "dtype": dtype, "texts_per_second": round(len(texts) / seconds, 1)}
    print(json.dumps(speed), flush=True)


def compare(folder):
    folder = pathlib.Path(folder)
    speeds = {}
    for line in open(folder / "results.jsonl"):
        record = json.loads(line)
        speeds.setdefault((record["who"], record["dtype"]), []).append(record["texts_per_second"])
    median = {key: statistics.median(values) for key, values in speeds.items()}
    theirs = [json.loads(line) for line in open(folder / "transformers-fp32.jsonl")]
    names = {"obscene": "profanity", "sexual_explicit": "sexually_explicit"}
    for dtype in ["bf16", "fp32"]:
        ours = [json.loads(line) for line in open(folder / f"theriac-{dtype}.jsonl")]
        gaps = [
            abs(mine["attributes"][names.get(label, label)] - value)
            for mine, their in zip(ours, theirs)
            if their["tokens"] <= 512  # a longer text is read whole here, and cut there
            for label, value in zip(LABELS, their["scores"])
        ]
        gaps.sort()
        print(json.dumps({
            "dtype": dtype,
            "texts_per_second": {who: median[who, dtype] for who in ["theriac", "transformers"]},
            "ratio": round(median["theriac", dtype] / median["transformers", dtype], 2),
            "largest_difference_to_fp32": gaps[-1],
            "99th_percentile": gaps[int(0.99 * len(gaps))],
        }))


if __name__ == "__main__":
    {"make": make, "score": score, "compare": compare}[sys.argv[1]](*sys.argv[2:])
