"""LoRA adapters beside peft: what it saves, Theriac must load; what Theriac saves, it must load.

    peft_parity.py write --output DIR [--base MODEL_FOLDER] [--seed 0]
        For each case below: DIR/CASE (an adapter folder as peft saves it, with random A and B) and its logits in
        DIR/CASE.safetensors. Without --base, a tiny GPT-2 is made in DIR/base.
    peft_parity.py read --base MODEL_FOLDER --adapter ADAPTER_FOLDER … --output DIR
        Loads each adapter with peft and writes the logits of the same ids to DIR/NAME.safetensors.

A safetensors file of logits holds `input_ids` int64 [tokens], `base_logits`, `logits` and `merged_logits`, all
float32 [tokens, vocabulary]. JSON about it is printed.
"""

import argparse
import json
from pathlib import Path

import peft
import torch
from gpt2_parity import TINY, fixed_inputs, forward
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel

CASES: dict[str, dict] = {
    "plain": dict(r=4, lora_alpha=8, target_modules=["c_attn"]),
    "defaults": dict(),
    "several-modules": dict(r=3, lora_alpha=6, target_modules=["c_attn", "c_proj", "c_fc"]),
    "regex": dict(r=2, lora_alpha=2, target_modules=r".*\.attn\.c_(attn|proj)"),
    "rank-pattern": dict(
        r=4, lora_alpha=8, target_modules=["c_attn", "c_fc"], rank_pattern={"h.1.attn.c_attn": 2, "c_fc": 6}),
    "alpha-pattern": dict(
        r=4, lora_alpha=8, target_modules=["c_attn", "c_fc"], alpha_pattern={"c_fc": 32, r"h\.0\.attn\.c_attn": 2}),
    "rank-stabilised": dict(r=4, lora_alpha=8, target_modules=["c_attn"], use_rslora=True),
    "rank-stabilised-patterns": dict(
        r=4, lora_alpha=8, target_modules=["c_attn", "c_fc"], use_rslora=True, rank_pattern={"c_fc": 9},
        alpha_pattern={"c_attn": 3}),
    "some-layers": dict(r=4, lora_alpha=8, target_modules=["c_attn"], layers_to_transform=[0, 2], layers_pattern="h"),
    "all-linear": dict(r=2, lora_alpha=4, target_modules="all-linear"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    write = verbs.add_parser("write")
    write.add_argument("--output", required=True, type=Path)
    write.add_argument("--base", type=Path)
    write.add_argument("--seed", type=int, default=0)
    read = verbs.add_parser("read")
    read.add_argument("--base", required=True, type=Path)
    read.add_argument("--adapter", required=True, type=Path, nargs="+")
    read.add_argument("--output", required=True, type=Path)
    options = parser.parse_args()
    if options.verb == "write":
        write_adapters(options.output, options.base, options.seed)
    else:
        read_adapters(options.base, options.adapter, options.output)


def write_adapters(output: Path, base: Path | None, seed: int) -> None:
    output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    if base is None:
        base = output / "base"
        GPT2LMHeadModel(GPT2Config(**TINY)).save_pretrained(base)
    for name, settings in CASES.items():
        model = get_peft_model(
            open_base(base), LoraConfig(task_type="CAUSAL_LM", fan_in_fan_out=True, **settings))
        with torch.no_grad():  # B starts at zero, where every scale is right
            for key, parameter in model.named_parameters():
                if "lora_" in key:
                    parameter.copy_(torch.randn_like(parameter) * 0.2)
        model.eval()
        model.save_pretrained(output / name)
        report(name, base, output / name, output / f"{name}.safetensors")


def read_adapters(base: Path, adapters: list[Path], output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    for adapter in adapters:
        report(adapter.name, base, adapter, output / f"{adapter.name}.safetensors")


def report(name: str, base: Path, adapter: Path, output: Path) -> None:
    """Loads the adapter from its folder, as a user would, and writes what comes out."""
    plain = open_base(base)
    ids = fixed_inputs(plain.config, 0)["some"]
    before = forward(plain, ids)
    model = PeftModel.from_pretrained(plain, adapter).eval()
    after = forward(model, ids)
    merged = forward(model.merge_and_unload(), ids)
    save_file({"input_ids": torch.tensor(ids), "base_logits": before, "logits": after, "merged_logits": merged}, output)
    print(json.dumps({
        "case": name, "peft": peft.__version__, "input_ids": ids, "logits": output.name,
        "moved": (after - before).abs().max().item(), "merged_differs": (after - merged).abs().max().item(),
        "last_logits_first8": after[-1, :8].tolist(),
    }))


def open_base(folder: Path) -> GPT2LMHeadModel:
    return GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32).eval()


if __name__ == "__main__":
    main()
