"""Reference answers of lm-evaluation-harness on the zero-shot files of the data pack.

    zero_shot_parity.py --model FOLDER --data SHARED_DATA --tasks lambada_openai,hellaswag --limit 200 --output FILE

`zero_shot_parity.py --present` only says whether these are there. Needs the packages lm_eval (0.4.13), torch and transformers. The harness's own task files are used: prompts, choices and
metrics come from them, its model class computes the answers, and its code adds them up. Only the rows are given to it
from local files, in the columns that its task files expect, because its data sets live on a hub. FILE gets, for each task,
`results` and, a question, `arguments` and `resps` (logarithm of probability, whether greedy).
"""

import argparse
import json
import logging
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("DISABLE_MULTIPROC", "1")

import datasets
import torch
from lm_eval import evaluator
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

SETS = {}


def rows_of(*names):
    def register(make):
        for name in names:
            SETS[name] = make
        return make

    return register


def read(data, name):
    return [json.loads(line) for line in (data / "zero-shot" / name).read_text(encoding="utf-8").splitlines()]


@rows_of("lambada_openai")
def lambada(data, task):
    return "test", [{"text": row["context"] + " " + row["target"]} for row in read(data, "lambada.jsonl")]


@rows_of("hellaswag")
def hellaswag(data, task):
    """The file joins context and its second part; that is taken to begin after the last full stop, in small letters."""
    rows = []
    for row in read(data, "hellaswag-valid.jsonl"):
        label, _, context = row["context"].partition(": ")
        places = [context.rfind(stop) for stop in (". ", "! ", "? ", '." ', ".' ", ".) ")]
        cut = max(place + len(stop) for place, stop in zip(places, (". ", "! ", "? ", '." ', ".' ", ".) ")) if place >= 0) \
            if max(places) >= 0 else len(context)
        first, second = context[:cut].rstrip(), context[cut:]
        if not second[:1].islower():
            first, second = context, ""
        rows.append({"activity_label": label, "ctx_a": first, "ctx_b": second,
                     "endings": row["endings"], "label": str(row["label"])})
    return "validation", rows


@rows_of("piqa")
def piqa(data, task):
    return "validation", read(data, "piqa-valid.jsonl")


@rows_of("winogrande")
def winogrande(data, task):
    return "validation", read(data, "winogrande-dev.jsonl")


@rows_of("boolq", "wic", "wsc")
def yes_no(data, task):
    rows = read(data, f"{task}-valid.jsonl")
    for row in rows:
        row["label"] = int(row["label"])
        row.update(row.pop("target", {}))
    return "validation", rows


@rows_of("sglue_rte", "cb")
def entailment(data, task):
    names = {"entailment": 0, "not_entailment": 1} if task == "sglue_rte" else \
        {"entailment": 0, "contradiction": 1, "neutral": 2}
    rows = read(data, "rte-valid.jsonl" if task == "sglue_rte" else "cb-valid.jsonl")
    return "validation", [row | {"label": names[row["label"]]} for row in rows]


@rows_of("copa")
def copa(data, task):
    return "validation", [row for row in read(data, "copa.jsonl") if row["split"] == "valid"]


@rows_of("arc_easy", "arc_challenge")
def arc(data, task):
    rows = [row for row in read(data, "arc.jsonl") if row["set"] == task[4:] and row["split"] == "test"]
    return "test", [lettered(row) for row in rows]


@rows_of("openbookqa")
def openbookqa(data, task):
    rows = [row for row in read(data, "openbookqa.jsonl") if row["split"] == "test"]
    return "test", [lettered(row) | {"question_stem": row["question"]} for row in rows]


@rows_of("commonsense_qa")
def commonsense(data, task):
    return "validation", [lettered(row) for row in read(data, "commonsenseqa-valid.jsonl")]


@rows_of("truthfulqa_mc1", "truthfulqa_mc2")
def truthfulqa(data, task):
    def choices(right, wrong):
        return {"choices": right + wrong, "labels": [1] * len(right) + [0] * len(wrong)}

    return "validation", [
        {"question": row["question"], "mc1_targets": choices([row["best_answer"]], row["incorrect_answers"]),
         "mc2_targets": choices(row["correct_answers"], row["incorrect_answers"])}
        for row in read(data, "truthfulqa.jsonl")]


def lettered(row):
    letters = "ABCDE"[:len(row["choices"])]
    return {"id": str(row["id"]), "question": row["question"], "answerKey": letters[row["label"]],
            "choices": {"text": row["choices"], "label": list(letters)}}


def main():
    if "--present" in sys.argv:
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--tasks", required=True)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--output", required=True, type=Path)
    options = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    logging.getLogger("lm_eval").setLevel(logging.ERROR)

    names = options.tasks.split(",")
    given = {}
    for name in names:
        split, rows = SETS[name](options.data, name)
        given[name] = datasets.DatasetDict(
            {part: datasets.Dataset.from_list(rows) for part in ("train", split)})  # shots are never drawn

    # The harness asks the hub for its rows; it is given the local ones instead, task by task.
    waiting = []
    datasets.load_dataset = lambda *args, **kwargs: waiting[0]
    manager = TaskManager()
    tasks = []
    for name in names:
        waiting[:] = [given[name]]
        tasks.append(manager.load([name])["tasks"][name])
    model = HFLM(pretrained=options.model, dtype="float32", batch_size=8, device="cpu")
    result = evaluator.evaluate(
        lm=model, task_dict={task.config.task: task for task in tasks}, limit=options.limit, bootstrap_iters=2000)
    report = {
        "results": result["results"],
        "samples": {
            name: [{"arguments": [list(pair) for pair in sample["arguments"]],
                    "resps": [list(answer) for answer in sample["filtered_resps"]]}
                   for sample in sorted(samples, key=lambda sample: sample["doc_id"])]
            for name, samples in result["samples"].items()},
    }
    options.output.write_text(json.dumps(report, default=str) + "\n")


if __name__ == "__main__":
    main()
