"""Golden values of the rotary decoder families: what transformers computes on random checkpoints it saved itself.

    decoder_parity.py --output DIR --family FAMILY [FAMILY …] [--new-tokens 12] [--seed 0]

For each configuration below, DIR/NAME is a checkpoint of random weights, and beside it there are

    DIR/NAME.safetensors        per case `CASE.logits` and `CASE.bf16` (the same in bfloat16), float32 [tokens, vocabulary]
    DIR/NAME.adapter            for the first of a family: an adapter as peft saves it, its logits `adapter.logits`

The cases with their greedy continuations, made without a cache, are printed as JSON, with the gap between the two
largest logits of each step: where it is smaller than the tolerance, either choice is right.
"""

import argparse
import json
import random
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.set_num_threads(1)

SIZES = dict(
    vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, initializer_range=0.15, bos_token_id=0, eos_token_id=0,
    pad_token_id=None)
LLAMA3 = dict(
    rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=16)
YARN = dict(rope_type="yarn", rope_theta=1000000.0, factor=4.0, original_max_position_embeddings=16)


def longrope(pairs: int, **more) -> dict:
    return dict(
        rope_type="longrope", rope_theta=10000.0, short_factor=[1.0 + 0.1 * i for i in range(pairs)],
        long_factor=[1.5 + 0.7 * i for i in range(pairs)], **more)


# Keys that begin with an underscore are for this script: how to save.
CONFIGURATIONS: dict[str, dict[str, dict]] = {
    "llama": {
        "plain": dict(num_key_value_heads=4),
        "tied": dict(tie_word_embeddings=True, attention_bias=True, mlp_bias=True, head_dim=12, _shards="20KB"),
        "one-key-head": dict(num_key_value_heads=1, rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=4.0)),
        "llama3": dict(rope_parameters=LLAMA3),
        "llama3-old": dict(rope_parameters=LLAMA3, _old=True, _dtype="bfloat16"),
        "yarn": dict(rope_parameters=YARN),
        "yarn-scales": dict(rope_parameters=YARN | dict(
            mscale=1.2, mscale_all_dim=0.7, beta_fast=20.0, beta_slow=2.0, truncate=False)),
        "dynamic": dict(rope_parameters=dict(rope_type="dynamic", rope_theta=10000.0, factor=2.0)),
    },
    "mistral": {
        "window": dict(sliding_window=5),
        "whole": dict(sliding_window=None, head_dim=16, tie_word_embeddings=True),
    },
    "qwen2": {
        "plain": dict(rope_parameters=dict(rope_type="default", rope_theta=1000000.0)),
        "windows": dict(use_sliding_window=True, sliding_window=5, max_window_layers=1, tie_word_embeddings=True),
        "yarn-old": dict(rope_parameters=YARN, max_position_embeddings=16, _old=True),
    },
    "qwen3": {
        "plain": dict(head_dim=16),
        "windows": dict(
            head_dim=8, use_sliding_window=True, sliding_window=4, tie_word_embeddings=True, attention_bias=True,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"]),
    },
    "gemma2": {
        "caps": dict(
            head_dim=8, sliding_window=5, attn_logit_softcapping=2.0, final_logit_softcapping=3.0,
            query_pre_attn_scalar=10),
        "no-caps": dict(
            head_dim=16, sliding_window=7, attn_logit_softcapping=None, final_logit_softcapping=None,
            query_pre_attn_scalar=16, num_key_value_heads=1, attention_bias=True, tie_word_embeddings=False),
    },
    "gemma3_text": {
        "pattern": dict(
            head_dim=8, sliding_window=5, num_hidden_layers=7, query_pre_attn_scalar=8),
        "stretched": dict(
            head_dim=16, sliding_window=6, query_pre_attn_scalar=32, final_logit_softcapping=4.0,
            layer_types=["full_attention", "sliding_attention", "sliding_attention"],
            rope_parameters=dict(
                full_attention=dict(rope_type="linear", factor=8.0, rope_theta=1000000.0),
                sliding_attention=dict(rope_type="default", rope_theta=10000.0))),
        "stretched-old": dict(
            head_dim=8, sliding_window=5, query_pre_attn_scalar=8, _old=True,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
            rope_parameters=dict(
                full_attention=dict(rope_type="linear", factor=8.0, rope_theta=500000.0),
                sliding_attention=dict(rope_type="default", rope_theta=7000.0))),
    },
    "gemma3": {
        "text-part": dict(
            vision_config=dict(
                hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=28,
                patch_size=14),
            mm_tokens_per_image=4, text_config=SIZES | dict(
                head_dim=8, sliding_window=5, query_pre_attn_scalar=8,
                layer_types=["sliding_attention", "full_attention", "sliding_attention"])),
    },
    "phi3": {
        "plain": dict(),
        "longrope": dict(original_max_position_embeddings=16, rope_parameters=longrope(4)),
        "longrope-part": dict(
            original_max_position_embeddings=16, num_key_value_heads=1, tie_word_embeddings=True, sliding_window=9,
            rope_parameters=longrope(3, partial_rotary_factor=0.75)),
        "longrope-old": dict(original_max_position_embeddings=16, rope_parameters=longrope(4), _old=True),
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--family", required=True, nargs="+", choices=CONFIGURATIONS)
    parser.add_argument("--new-tokens", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    models = []
    for family in options.family:
        for index, (kind, settings) in enumerate(CONFIGURATIONS[family].items()):
            name = f"{family}-{kind}"
            folder = options.output / name
            save_random(family, dict(settings), folder, options.seed + index)
            tensors, cases = reference(folder, options.new_tokens)
            if index == 0:
                tensors["adapter.logits"] = adapted(family, folder, options.output / f"{name}.adapter")
            save_file(tensors, options.output / f"{name}.safetensors")
            models.append({"name": name, "family": family, "cases": cases, "has_adapter": index == 0})
    print(json.dumps({
        "transformers": transformers.__version__, "torch": torch.__version__, "peft": peft.__version__,
        "models": models,
    }))


def save_random(family: str, settings: dict, folder: Path, seed: int) -> None:
    shards, old = settings.pop("_shards", "10GB"), settings.pop("_old", False)
    dtype = getattr(torch, settings.pop("_dtype", "float32"))
    torch.manual_seed(seed)
    sizes = {} if "text_config" in settings else SIZES
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(family, **(sizes | settings)))
    with torch.no_grad():  # initial biases are 0 and norms 1, which would hide a forgotten one
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    model.to(dtype).save_pretrained(folder, max_shard_size=shards)
    if old:
        rewrite_as_transformers_4(folder / "config.json")


def rewrite_as_transformers_4(path: Path) -> None:
    """`rope_theta` and `rope_scaling`, in place of `rope_parameters`."""
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    if "full_attention" in rope:
        config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        rope = rope["full_attention"]
    else:
        rope["type"] = rope.pop("rope_type")
    config["rope_theta"] = rope.pop("rope_theta")
    rope.pop("partial_rotary_factor", None)
    config["rope_scaling"] = rope
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config))


def opened(folder: Path, dtype: torch.dtype) -> torch.nn.Module:
    # The other kernels of transformers leave out soft caps.
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager").eval()


def reference(folder: Path, new_tokens: int) -> tuple[dict[str, torch.Tensor], list[dict]]:
    model, rounded = opened(folder, torch.float32), opened(folder, torch.bfloat16)
    tensors, cases = {}, []
    for name, ids in inputs(model.config.get_text_config()).items():
        tensors[f"{name}.logits"] = forward(model, ids)
        tensors[f"{name}.bf16"] = forward(rounded, ids)
        tokens, gaps = greedy(model, ids, new_tokens)
        cases.append({"name": name, "input_ids": ids, "greedy": tokens, "gaps": gaps})
    return tensors, cases


def inputs(config) -> dict[str, list[int]]:
    """One token, some, both sides of the length at which positions may change, and nearly a full context."""
    draw = random.Random(1)
    sizes = {"one": 1, "some": 11, "before": 14, "at": 16, "behind": 17, "long": 47}
    context = config.max_position_embeddings
    return {
        name: [draw.randrange(1, config.vocab_size) for _ in range(size)]
        for name, size in sizes.items() if size <= max(context, 47)
    }


@torch.no_grad()
def forward(model: torch.nn.Module, ids: list[int]) -> torch.Tensor:
    """float32 [tokens, vocabulary]."""
    return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0].float().contiguous()


def greedy(model: torch.nn.Module, ids: list[int], new_tokens: int) -> tuple[list[int], list[float]]:
    ids, tokens, gaps = list(ids), [], []
    while len(tokens) < new_tokens:
        top = forward(model, ids)[-1].topk(2)
        tokens.append(top.indices[0].item())
        gaps.append(round((top.values[0] - top.values[1]).item(), 6))
        ids.append(tokens[-1])
    return tokens, gaps


def adapted(family: str, base: Path, folder: Path) -> torch.Tensor:
    """Saves an adapter with peft's default layers of the family, and returns the logits of the case `some` with it."""
    # peft has no default for some.
    targets = {"phi3": ["qkv_proj"], "gemma3": r".*language_model.*\.(q_proj|v_proj)"}
    settings = dict(r=4, lora_alpha=8) | (dict(target_modules=targets[family]) if family in targets else {})
    model = get_peft_model(opened(base, torch.float32), LoraConfig(task_type="CAUSAL_LM", **settings))
    torch.manual_seed(3)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_" in key:
                parameter.copy_(torch.randn_like(parameter) * 0.2)
    model.eval()
    model.save_pretrained(folder)
    plain = opened(base, torch.float32)
    return forward(PeftModel.from_pretrained(plain, folder).eval(), inputs(plain.config.get_text_config())["some"])


if __name__ == "__main__":
    main()
