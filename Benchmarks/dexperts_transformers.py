"""DExperts as a plain transformers loop with caches: the peer of Theriac's `dexperts`, on the same weights and prompts.

    dexperts_transformers.py --model FOLDER --expert FOLDER --anti-expert FOLDER --prompts FILE.jsonl
                             [--limit 8] [--samples 25] [--max-new-tokens 20] [--alpha 2] [--filter-p 0.9]
                             [--top-p 1] [--seed 1] [--batch 4] [--dtype bf16|fp32] [--threads 2]

Three models read every token; logits are base + alpha (expert - anti-expert) within the base's nucleus (Liu et al.,
ACL 2021). Each keeps its key-value cache, and a prompt's cache is repeated for its continuations, as `generate` does.
One JSON line with tokens a second of the loop alone (loading excluded) and peak memory.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer


def main() -> None:
    options = read_options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    dtype = torch.bfloat16 if options.dtype == "bf16" else torch.float32
    tokenizer = AutoTokenizer.from_pretrained(options.model, padding_side="left")
    tokenizer.pad_token_id = tokenizer.eos_token_id
    models = [AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()
              for folder in (options.model, options.expert, options.anti_expert)]
    with open(options.prompts, encoding="utf-8") as file:
        prompts = [json.loads(line)["prompt"] for line in file][: options.limit]
    texts = [prompt if isinstance(prompt, str) else prompt["text"] for prompt in prompts]
    tokens, seconds = 0, 0.0
    for first in range(0, len(texts), options.batch):
        batch = texts[first : first + options.batch]
        started = time.perf_counter()
        tokens += generate(models, tokenizer, batch, options)
        seconds += time.perf_counter() - started
    print(json.dumps({
        "who": "transformers loop", "version": transformers.__version__, "torch": torch.__version__,
        "dtype": options.dtype, "threads": options.threads, "prompts": len(texts), "samples": options.samples,
        "tokens": tokens, "seconds": round(seconds, 3), "tokens_per_second": round(tokens / seconds, 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 1),
    }))


@torch.inference_mode()
def generate(models: list, tokenizer, texts: list[str], options: argparse.Namespace) -> int:
    """Draws the continuations of a batch of prompts; gives the number of tokens drawn, the end-of-text one included."""
    encoded = tokenizer(texts, return_tensors="pt", padding=True)
    ids = encoded.input_ids.repeat_interleave(options.samples, dim=0)
    mask = encoded.attention_mask.repeat_interleave(options.samples, dim=0)
    caches: list = [None] * len(models)
    open_rows = torch.ones(len(ids), dtype=torch.bool)
    step, drawn = ids, 0
    for _ in range(options.max_new_tokens):
        logits = []
        for number, model in enumerate(models):
            positions = (mask.cumsum(-1) - 1).clamp(min=0)[:, -step.shape[1]:]
            output = model(input_ids=step, attention_mask=mask, position_ids=positions,
                           past_key_values=caches[number], use_cache=True, logits_to_keep=1)
            caches[number] = output.past_key_values
            logits.append(output.logits[:, -1].float())
        base, expert, anti_expert = logits
        mixed = nucleus(base, options.filter_p) + options.alpha * (expert - anti_expert)
        choice = torch.multinomial(torch.softmax(nucleus(mixed, options.top_p), dim=-1), 1)
        drawn += int(open_rows.sum())
        open_rows &= choice[:, 0] != tokenizer.eos_token_id
        if not bool(open_rows.any()):
            break
        step = torch.where(open_rows[:, None], choice, tokenizer.pad_token_id)
        mask = torch.cat([mask, torch.ones_like(choice)], dim=1)
    return drawn


def nucleus(logits: torch.Tensor, p: float) -> torch.Tensor:
    """Minus infinity outside of the smallest set of tokens whose probability reaches p."""
    if p >= 1:
        return logits
    ordered, order = torch.sort(logits, descending=True, dim=-1)
    before = torch.softmax(ordered, dim=-1).cumsum(-1) - torch.softmax(ordered, dim=-1)
    removed = torch.zeros_like(before, dtype=torch.bool).scatter(-1, order, before >= p)
    return logits.masked_fill(removed, float("-inf"))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--expert", required=True)
    parser.add_argument("--anti-expert", required=True)
    parser.add_argument("--prompts", required=True, type=Path)
    parser.add_argument("--limit", type=int, default=8)
    parser.add_argument("--samples", type=int, default=25)
    parser.add_argument("--max-new-tokens", type=int, default=20)
    parser.add_argument("--alpha", type=float, default=2.0)
    parser.add_argument("--filter-p", type=float, default=0.9)
    parser.add_argument("--top-p", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--dtype", choices=["bf16", "fp32"], default="bf16")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
