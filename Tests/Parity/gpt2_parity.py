"""Golden values of GPT-2: what transformers computes on a checkpoint, for Theriac to agree with.

    gpt2_parity.py --size tiny|small|MODEL_FOLDER --output DIR [--dtype fp32|bf16] [--new-tokens 20] [--seed 0]
                   [--ids FILE.json]

`tiny` and `small` (GPT2Config(), 124M) are saved with random weights as DIR/single (model.safetensors) and
DIR/sharded (model.safetensors.index.json and its parts); a folder is used as it is. Written beside them:

    DIR/reference.safetensors   per case `CASE.input_ids` [tokens], `CASE.logits` float32 [tokens, vocabulary]
    DIR/reference.json          the cases with their greedy continuations; also printed

`--ids` adds cases of one's own: an object of names and lists of token ids.

Greedy continuations come with the gap between the two largest logits of each step: where it is smaller than the
tolerance, either choice is right.
"""

import argparse
import json
import random
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel

transformers.logging.disable_progress_bar()

TINY = dict(vocab_size=97, n_positions=48, n_embd=32, n_layer=3, n_head=4, bos_token_id=0, eos_token_id=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", required=True, help="tiny, small, or the folder of a GPT-2 checkpoint")
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--new-tokens", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ids", type=Path)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)

    model, folders = open_model(options.size, options.output, options.seed)
    model = model.to(torch.bfloat16 if options.dtype == "bf16" else torch.float32)
    tensors, cases = {}, []
    more = json.loads(options.ids.read_text()) if options.ids else {}
    for name, ids in (fixed_inputs(model.config, options.new_tokens) | more).items():
        logits = forward(model, ids)
        tokens, gaps = greedy(model, ids, options.new_tokens)
        tensors[f"{name}.input_ids"] = torch.tensor(ids, dtype=torch.int64)
        tensors[f"{name}.logits"] = logits
        cases.append({
            "name": name, "input_ids": ids, "last_logits_first8": logits[-1, :8].tolist(),
            "nll": negative_log_likelihood(logits, ids), "greedy": tokens, "gaps": gaps,
        })
    save_file(tensors, options.output / "reference.safetensors")
    report = {
        "transformers": transformers.__version__, "torch": torch.__version__, "seed": options.seed,
        "dtype": options.dtype, "folders": folders, "cases": cases,
    }
    text = json.dumps(report)
    (options.output / "reference.json").write_text(text + "\n")
    print(text)


def open_model(size: str, output: Path, seed: int) -> tuple[GPT2LMHeadModel, list[str]]:
    """The model and the folders, relative to `output` where they are inside it, that hold its weights."""
    if size not in ("tiny", "small"):
        return GPT2LMHeadModel.from_pretrained(size, dtype=torch.float32).eval(), [size]
    torch.manual_seed(seed)
    model = GPT2LMHeadModel(GPT2Config(**TINY) if size == "tiny" else GPT2Config()).eval()
    with torch.no_grad():  # initial biases are 0 and norms 1, which would hide a forgotten one
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(output / "single", max_shard_size="10GB")
    model.save_pretrained(output / "sharded", max_shard_size="20KB" if size == "tiny" else "100MB")
    return model, ["single", "sharded"]


def fixed_inputs(config: GPT2Config, new_tokens: int) -> dict[str, list[int]]:
    """A few sequences that depend on the vocabulary's size only: one token, some, and up to 192 of a full context."""
    draw = random.Random(1)
    vocabulary = config.vocab_size
    return {
        "one": [vocabulary - 1],
        "first": [0, 1, 2, 3],
        "some": [draw.randrange(vocabulary) for _ in range(11)],
        "repeat": [5, 5, 5, 5, 5, 5, 7],
        "full": [draw.randrange(vocabulary) for _ in range(config.n_positions)][:192],
    }


@torch.no_grad()
def forward(model: torch.nn.Module, ids: list[int]) -> torch.Tensor:
    """float32 [tokens, vocabulary]."""
    return model(input_ids=torch.tensor([ids])).logits[0].float().contiguous()


def negative_log_likelihood(logits: torch.Tensor, ids: list[int]) -> float:
    """Nats, summed over every token but the first."""
    if len(ids) < 2:
        return 0.0
    return torch.nn.functional.cross_entropy(
        logits[:-1].double(), torch.tensor(ids[1:]), reduction="sum").item()


@torch.no_grad()
def greedy(model: torch.nn.Module, ids: list[int], new_tokens: int) -> tuple[list[int], list[float]]:
    """The most likely tokens one after the other, until the end-of-text token (kept), the count, or the context."""
    context = model.config.n_positions
    ids, tokens, gaps = list(ids), [], []
    while len(tokens) < new_tokens and len(ids) < context:
        top = forward(model, ids)[-1].topk(2)
        tokens.append(top.indices[0].item())
        gaps.append(round((top.values[0] - top.values[1]).item(), 6))
        ids.append(tokens[-1])
        if tokens[-1] == model.config.eos_token_id:
            break
    return tokens, gaps


if __name__ == "__main__":
    main()
