"""Runs lm-evaluation-harness against a running server, as `--model local-completions` does.

    harness_client.py BASE MODEL SHARED_DATA TASKS LIMIT CONTEXT

`harness_client.py --present` only says whether the harness and what its client needs are there. Needs lm_eval (0.4.13).
Prints one JSON object: the tasks' results, and how many greedy texts came back.
"""

import json
import logging
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("DISABLE_MULTIPROC", "1")

import datasets
from lm_eval import evaluator
from lm_eval.api.instance import Instance
from lm_eval.api.registry import get_model
from lm_eval.tasks import TaskManager
# What the harness itself asks for only when the model is made.
import aiohttp  # noqa: F401
import tenacity  # noqa: F401

from zero_shot_parity import SETS


def main():
    local = get_model("local-completions")
    if "--present" in sys.argv:
        return
    base, name, data, tasks, limit, context = sys.argv[1:]
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    waiting = []
    datasets.load_dataset = lambda *args, **kwargs: waiting[0]
    manager = TaskManager()
    loaded = []
    for task in tasks.split(","):
        split, rows = SETS[task](Path(data), task)
        waiting[:] = [datasets.DatasetDict({part: datasets.Dataset.from_list(rows) for part in ("train", split)})]
        loaded.append(manager.load([task])["tasks"][task])
    model = local(
        model=name, base_url=f"{base}/v1/completions", num_concurrent=4, max_length=int(context), batch_size=4,
        max_gen_toks=16)
    result = evaluator.evaluate(
        lm=model, task_dict={task.config.task: task for task in loaded}, limit=int(limit), bootstrap_iters=100)
    texts = model.generate_until([
        Instance("generate_until", {}, (prompt, {"until": ["\n\n"], "max_gen_toks": 8}), place)
        for place, prompt in enumerate(["The weather is", "Once upon a time"])])
    report = {
        "results": result["results"], "texts": texts,
        "samples": {
            task: [[list(answer) for answer in sample["filtered_resps"]]
                   for sample in sorted(samples, key=lambda sample: sample["doc_id"])]
            for task, samples in result["samples"].items()},
    }
    print(json.dumps(report, default=str))


if __name__ == "__main__":
    main()
