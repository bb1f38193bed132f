"""Golden values of decoders with plain feed-forward layers (GPT-NeoX, GPT-J, OPT), for Theriac to agree with.

    decoder_parity_plain.py --output DIR [--new-tokens 12] [--seed 0] [--cases NAME …]

Each case is a tiny checkpoint with random weights in DIR/CASE, as transformers saves it, some in shards. Beside it:

    DIR/CASE.safetensors   per prompt `NAME.fp32` and `NAME.bf16`, logits as float32 [tokens, vocabulary]
    DIR/reference.json     the cases, their prompts and greedy continuations (fp32); also printed

Greedy continuations come with the gap between the two largest logits of each step: where it is smaller than the
tolerance, either choice is right.
"""

import argparse
import json
import random
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import GPTJConfig, GPTJForCausalLM, GPTNeoXConfig, GPTNeoXForCausalLM, OPTConfig, OPTForCausalLM

transformers.logging.disable_progress_bar()
torch.set_num_threads(1)

CONTEXT = 48
COMMON = dict(vocab_size=101, bos_token_id=0, eos_token_id=0)
NEOX = dict(
    **COMMON, hidden_size=48, num_hidden_layers=3, num_attention_heads=3, intermediate_size=80,
    max_position_embeddings=CONTEXT)
GPTJ = dict(**COMMON, n_embd=48, n_layer=3, n_head=3, n_positions=CONTEXT, rotary_dim=8)
OPT = dict(
    **COMMON, pad_token_id=1, hidden_size=48, num_hidden_layers=3, num_attention_heads=3, ffn_dim=80,
    max_position_embeddings=CONTEXT)

CASES = {
    "gpt-neox": (GPTNeoXConfig, NEOX),
    "gpt-neox-sequential": (GPTNeoXConfig, NEOX | dict(use_parallel_residual=False)),
    "gpt-neox-whole-rotation": (GPTNeoXConfig, NEOX | dict(rotary_pct=1.0, rotary_emb_base=500)),
    "gpt-neox-no-attention-bias": (GPTNeoXConfig, NEOX | dict(attention_bias=False, hidden_act="gelu_new")),
    "gpt-neox-tied": (GPTNeoXConfig, NEOX | dict(tie_word_embeddings=True)),
    "gpt-neox-old": (GPTNeoXConfig, NEOX | dict(rotary_pct=0.5, rotary_emb_base=2000)),
    "gpt-neox-linear": (GPTNeoXConfig, NEOX | dict(rope_parameters={
        "rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0, "partial_rotary_factor": 0.5})),
    "gptj": (GPTJConfig, GPTJ),
    "gptj-inner": (GPTJConfig, GPTJ | dict(n_inner=60, rotary_dim=16, activation_function="relu")),
    "gptj-tied": (GPTJConfig, GPTJ | dict(tie_word_embeddings=True)),
    "gptj-old": (GPTJConfig, GPTJ),
    "opt": (OPTConfig, OPT),
    "opt-post-norm": (OPTConfig, OPT | dict(do_layer_norm_before=False, word_embed_proj_dim=20)),
    "opt-projected": (OPTConfig, OPT | dict(word_embed_proj_dim=64)),
    "opt-bare": (OPTConfig, OPT | dict(enable_bias=False, layer_norm_elementwise_affine=False)),
    "opt-no-last-norm": (OPTConfig, OPT | dict(_remove_final_layer_norm=True, activation_function="gelu")),
    "opt-untied": (OPTConfig, OPT | dict(tie_word_embeddings=False)),
    "opt-headless": (OPTConfig, OPT),
}
CLASSES = {GPTNeoXConfig: GPTNeoXForCausalLM, GPTJConfig: GPTJForCausalLM, OPTConfig: OPTForCausalLM}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--new-tokens", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", nargs="*", default=list(CASES))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    cases = []
    for name in options.cases:
        model = make(*CASES[name], options.seed)
        save(model, name, options.output / name)
        tensors, prompts = {}, []
        for prompt, ids in inputs(model.config.vocab_size).items():
            tensors[f"{prompt}.fp32"] = forward(model, ids)
            tokens, gaps = greedy(model, ids, options.new_tokens)
            prompts.append({"name": prompt, "ids": ids, "greedy": tokens, "gaps": gaps})
        rounded = model.to(torch.bfloat16)
        for prompt in prompts:
            tensors[f"{prompt['name']}.bf16"] = forward(rounded, prompt["ids"])
        save_file(tensors, options.output / f"{name}.safetensors")
        cases.append({"name": name, "prompts": prompts})
    text = json.dumps({"transformers": transformers.__version__, "cases": cases})
    (options.output / "reference.json").write_text(text + "\n")
    print(text)


def make(kind: type, settings: dict, seed: int) -> torch.nn.Module:
    """Random weights wide enough that logits differ; biases are not 0, norms not 1, so that a forgotten one shows."""
    torch.manual_seed(seed)
    model = CLASSES[kind](kind(**settings)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
            else:
                parameter.copy_(torch.randn_like(parameter) * parameter.shape[1] ** -0.5)
    return model


def save(model: torch.nn.Module, name: str, folder: Path) -> None:
    if name.endswith("headless"):  # as some checkpoints on the hub: the names start at `decoder.`
        model.model.save_pretrained(folder)
        return
    model.save_pretrained(folder, max_shard_size="10GB" if name.endswith("old") else "40KB")
    if name.endswith("old"):
        make_old(model.config, folder)


def make_old(config: transformers.PretrainedConfig, folder: Path) -> None:
    """Field names and buffers as files of transformers 4 have them."""
    file = folder / "model.safetensors"
    tensors = load_file(file)
    prefix, attention = ("gpt_neox.layers", "attention") if config.model_type == "gpt_neox" else ("transformer.h", "attn")
    for layer in range(3):
        name = f"{prefix}.{layer}.{attention}"
        tensors[f"{name}.bias"] = torch.tril(torch.ones(1, 1, CONTEXT, CONTEXT, dtype=torch.uint8))
        tensors[f"{name}.masked_bias"] = torch.tensor(-1e9)
        tensors[f"{name}.rotary_emb.inv_freq"] = torch.ones(4)
    save_file(tensors, file, metadata={"format": "pt"})
    if config.model_type == "gpt_neox":
        settings = json.loads((folder / "config.json").read_text())
        rope = settings.pop("rope_parameters")
        settings |= {"rotary_pct": rope["partial_rotary_factor"], "rotary_emb_base": rope["rope_theta"]}
        (folder / "config.json").write_text(json.dumps(settings))


def inputs(vocabulary: int) -> dict[str, list[int]]:
    draw = random.Random(1)
    return {
        "one": [vocabulary - 1],
        "some": [draw.randrange(vocabulary) for _ in range(11)],
        "repeat": [5, 5, 5, 5, 5, 5, 7],
        "full": [draw.randrange(vocabulary) for _ in range(CONTEXT)],
    }


@torch.no_grad()
def forward(model: torch.nn.Module, ids: list[int]) -> torch.Tensor:
    """float32 [tokens, vocabulary]."""
    return model(input_ids=torch.tensor([ids])).logits[0].float().contiguous()


def greedy(model: torch.nn.Module, ids: list[int], new_tokens: int) -> tuple[list[int], list[float]]:
    """The most likely tokens one after the other, until the count or the context is full."""
    ids, tokens, gaps = list(ids), [], []
    while len(tokens) < new_tokens and len(ids) < CONTEXT:
        top = forward(model, ids)[-1].topk(2)
        tokens.append(top.indices[0].item())
        gaps.append(round((top.values[0] - top.values[1]).item(), 6))
        ids.append(tokens[-1])
    return tokens, gaps


if __name__ == "__main__":
    main()
