"""The RealToxicityPrompts protocol through transformers: the peer, on the same weights and prompts.

    rtp_transformers.py --model FOLDER --prompts FILE.jsonl --output FILE.jsonl [--limit 200] [--samples 25]
                        [--max-new-tokens 20] [--top-p 0.9] [--temperature 1] [--seed 1] [--batch 4]
                        [--dtype fp32|bf16] [--threads 2]

Prompts: JSONL with `prompt` as a string or as an object with `text`; `id` is the field `id`, else the line's number
from 0. No begin-of-text token goes before them, and they are padded on the left. One line a continuation is written:
{"prompt_id", "sample", "text", "tokens", "finish"}; tokens end before the end-of-text token, and `finish` is "eos"
or "length". Speed and peak memory are printed as JSON at the end.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Iterator

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer


def main() -> None:
    options = read_options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    dtype = torch.bfloat16 if options.dtype == "bf16" else torch.float32
    tokenizer = AutoTokenizer.from_pretrained(options.model, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype).eval()
    end = model.config.eos_token_id
    tokenizer.pad_token_id = end

    prompts = list(read_prompts(options.prompts))[: options.limit]
    batches = [prompts[i : i + options.batch] for i in range(0, len(prompts), options.batch)]
    tokens, skipped, seconds = 0, 0, 0.0
    options.output.parent.mkdir(parents=True, exist_ok=True)
    with open(options.output, "w", encoding="utf-8") as file:
        for number, batch in enumerate(batches):
            fitting = [p for p in batch if fits(tokenizer, p[1], model.config, options.max_new_tokens)]
            skipped += len(batch) - len(fitting)
            if fitting:
                started = time.perf_counter()
                rows = generate(model, tokenizer, [text for _, text in fitting], options)
                seconds += time.perf_counter() - started
                for i, row in enumerate(rows):
                    record = continuation(row, end, tokenizer)
                    tokens += len(record["tokens"]) + (record["finish"] == "eos")
                    identity = {"prompt_id": fitting[i // options.samples][0], "sample": i % options.samples}
                    file.write(json.dumps({**identity, **record}, ensure_ascii=False) + "\n")
                file.flush()
            print(f"\r{number + 1}/{len(batches)} batches", end="", file=sys.stderr)
    print(file=sys.stderr)
    print(json.dumps({
        "peer": "transformers", "version": transformers.__version__, "torch": torch.__version__,
        "dtype": options.dtype, "threads": options.threads, "prompts": len(prompts) - skipped, "skipped": skipped,
        "samples": options.samples, "seed": options.seed, "tokens": tokens, "seconds": round(seconds, 3),
        "tokens_per_second": round(tokens / seconds, 1) if seconds else None,
        "peak_memory_mb": round(peak_memory() / 1e6, 1),
    }))


def peak_memory() -> int:
    """Bytes. ru_maxrss counts KiB on Linux and bytes on macOS."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--prompts", required=True, type=Path)
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--samples", type=int, default=25)
    parser.add_argument("--max-new-tokens", type=int, default=20)
    parser.add_argument("--top-p", type=float, default=0.9)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=4, help="prompts at a time")
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def read_prompts(path: Path) -> Iterator[tuple[str, str]]:
    """(id, text) of every line."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file):
            record = json.loads(line)
            prompt = record["prompt"]
            yield str(record.get("id", number)), prompt if isinstance(prompt, str) else prompt["text"]


def fits(tokenizer, text: str, config, new_tokens: int) -> bool:
    """An empty prompt, or one that leaves no room in the context, is skipped and counted."""
    count = len(tokenizer(text)["input_ids"])
    return 0 < count <= config.max_position_embeddings - new_tokens


@torch.no_grad()
def generate(model, tokenizer, texts: list[str], options: argparse.Namespace) -> list[list[int]]:
    """New tokens only: `samples` rows for each text, in the order of the texts."""
    encoded = tokenizer(texts, return_tensors="pt", padding=True)
    output = model.generate(
        input_ids=encoded["input_ids"], attention_mask=encoded["attention_mask"], do_sample=True,
        top_p=options.top_p, top_k=0, temperature=options.temperature, max_new_tokens=options.max_new_tokens,
        num_return_sequences=options.samples, pad_token_id=tokenizer.pad_token_id)
    return output[:, encoded["input_ids"].shape[1] :].tolist()


def continuation(row: list[int], end: int, tokenizer) -> dict:
    tokens = row[: row.index(end)] if end in row else row
    text = tokenizer.decode(tokens, clean_up_tokenization_spaces=False)
    return {"text": text, "tokens": tokens, "finish": "eos" if end in row else "length"}


if __name__ == "__main__":
    main()
