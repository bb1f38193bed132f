"""Golden values of sequence classifiers: what transformers and peft compute, for Theriac to agree with.

    encoder_parity.py families --output DIR [--families bert,roberta,…] [--seed 0]
        For each case below: DIR/CASE, a tiny classifier with random weights as transformers saves it, and
        DIR/CASE.safetensors.
    encoder_parity.py base --model FOLDER --output DIR [--ids FILE.json]
        A base checkpoint (an encoder without a head): DIR/classifier, the same under a random head, and
        DIR/base.safetensors.
    encoder_parity.py adapters --output DIR [--seed 0]
        For each case of ADAPTERS: DIR/CASE-base, DIR/CASE (as peft saves it) and DIR/CASE.safetensors.
    encoder_parity.py read --base MODEL_FOLDER … --adapter ADAPTER_FOLDER … --output DIR
        Loads each adapter with peft, over the base in the same place, and writes DIR/NAME.safetensors.

A safetensors file holds, for each sequence I, `I.input_ids` int64 [tokens], `I.logits` float32 [labels] and
`I.hidden` float32 [tokens, width], each sequence computed alone, without padding.
"""

import argparse
import json
import random
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForSequenceClassification, BertModel, BertForSequenceClassification

transformers.logging.disable_progress_bar()
transformers.logging.set_verbosity_error()

BERT = dict(vocab_size=97, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64,
            max_position_embeddings=70, num_labels=3)
DEBERTA = dict(BERT, pos_att_type=["c2p", "p2c"], relative_attention=True, position_biased_input=False, type_vocab_size=0,
               max_position_embeddings=70, pooler_hidden_size=32)
MODERN = dict(vocab_size=97, hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=48,
              max_position_embeddings=128, num_labels=3, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1,
              sep_token_id=2)
CASES: dict[str, tuple[str, dict]] = {
    "bert": ("bert", BERT),
    "bert-wide-heads": ("bert", dict(BERT, hidden_size=144, num_attention_heads=2, intermediate_size=80)),
    "bert-relu": ("bert", dict(BERT, hidden_act="relu", num_labels=1)),
    "roberta": ("roberta", dict(BERT, type_vocab_size=1, pad_token_id=1)),
    "xlm-roberta": ("xlm-roberta", dict(BERT, type_vocab_size=1, pad_token_id=1)),
    "camembert": ("camembert", dict(BERT, type_vocab_size=1, pad_token_id=1)),
    "electra": ("electra", dict(BERT, embedding_size=32)),
    "electra-narrow": ("electra", dict(BERT, embedding_size=16)),
    "distilbert": ("distilbert", dict(vocab_size=97, dim=32, n_layers=3, n_heads=4, hidden_dim=64,
                                      max_position_embeddings=70, num_labels=3)),
    "albert": ("albert", dict(BERT, embedding_size=16, hidden_act="gelu_new")),
    "deberta-v2": ("deberta-v2", dict(DEBERTA, position_buckets=-1, max_relative_positions=-1)),
    "deberta-v3": ("deberta-v2", dict(DEBERTA, position_buckets=8, share_att_key=True, norm_rel_ebd="layer_norm",
                                      max_relative_positions=-1)),
    "deberta-own-keys": ("deberta-v2", dict(DEBERTA, position_buckets=8, norm_rel_ebd="layer_norm")),
    "deberta-content-only": ("deberta-v2", dict(DEBERTA, pos_att_type=["c2p"], position_buckets=8, share_att_key=True)),
    "deberta-absolute": ("deberta-v2", dict(DEBERTA, position_biased_input=True, relative_attention=False,
                                            type_vocab_size=2)),
    "modernbert": ("modernbert", dict(MODERN, local_attention=16, global_attn_every_n_layers=3)),
    "modernbert-mean": ("modernbert", dict(MODERN, local_attention=8, classifier_pooling="mean",
                                           global_attn_every_n_layers=2)),
}

ADAPTERS: dict[str, tuple[str, dict]] = {
    "bert-plain": ("bert", dict(r=4, lora_alpha=8, target_modules=["query", "value"])),
    "bert-pooler": ("bert", dict(r=3, lora_alpha=6, target_modules=["query", "dense"], modules_to_save=["bert.pooler"])),
    "bert-all-linear": ("bert", dict(r=2, lora_alpha=4, target_modules="all-linear")),
    "roberta-all-linear": ("roberta", dict(r=2, lora_alpha=4, target_modules="all-linear", use_rslora=True)),
    "distilbert-plain": ("distilbert", dict(r=4, target_modules=["q_lin", "v_lin"])),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    families = verbs.add_parser("families")
    families.add_argument("--output", required=True, type=Path)
    families.add_argument("--families", default=",".join(CASES))
    families.add_argument("--seed", type=int, default=0)
    base = verbs.add_parser("base")
    base.add_argument("--model", required=True, type=Path)
    base.add_argument("--output", required=True, type=Path)
    base.add_argument("--ids", type=Path)
    adapters = verbs.add_parser("adapters")
    adapters.add_argument("--output", required=True, type=Path)
    adapters.add_argument("--seed", type=int, default=0)
    read = verbs.add_parser("read")
    read.add_argument("--base", required=True, type=Path, nargs="+")
    read.add_argument("--adapter", required=True, type=Path, nargs="+")
    read.add_argument("--output", required=True, type=Path)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    if options.verb == "families":
        write_families(options.output, options.families.split(","), options.seed)
    elif options.verb == "base":
        write_base(options.model, options.output, json.loads(options.ids.read_text()) if options.ids else None)
    elif options.verb == "adapters":
        write_adapters(options.output, options.seed)
    else:
        for base, adapter in zip(options.base, options.adapter, strict=True):
            report(adapter.name, open_adapter(base, adapter), options.output)


def write_families(output: Path, names: list[str], seed: int) -> None:
    for name in names:
        report(name, make(name, output / name, seed), output)


def make(name: str, folder: Path, seed: int) -> torch.nn.Module:
    """A classifier with random weights, saved in `folder` and read again from there."""
    family, settings = CASES[name]
    torch.manual_seed(seed)
    model = AutoModelForSequenceClassification.from_config(AutoConfig.for_model(family, **settings))
    spread_out(model)
    model.save_pretrained(folder)
    return AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


@torch.no_grad()
def spread_out(model: torch.nn.Module) -> None:
    """Initial biases are 0, norms 1 and matrices narrow, which would hide a forgotten one."""
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.add_(torch.randn_like(parameter) * 0.1)
        else:
            parameter.mul_(6)


def write_base(folder: Path, output: Path, sequences: list[list[int]] | None) -> None:
    torch.manual_seed(0)
    model = BertForSequenceClassification.from_pretrained(folder, num_labels=7, dtype=torch.float32).eval()
    with torch.no_grad():
        model.classifier.weight.normal_(0, 0.3)
    model.save_pretrained(output / "classifier")
    plain = BertModel.from_pretrained(folder, dtype=torch.float32).eval()
    model.bert = plain
    report("base", model, output, sequences)


def write_adapters(output: Path, seed: int) -> None:
    from peft import LoraConfig, get_peft_model

    for name, (case, settings) in ADAPTERS.items():
        base = make(case, output / f"{name}-base", seed)
        model = get_peft_model(base, LoraConfig(task_type="SEQ_CLS", **settings))
        with torch.no_grad():  # B starts at zero, and saved modules as they were
            for key, parameter in model.named_parameters():
                if "lora_" in key or "modules_to_save" in key:
                    parameter.copy_(torch.randn_like(parameter) * 0.2)
        model.eval()
        model.save_pretrained(output / name)
        report(name, open_adapter(output / f"{name}-base", output / name), output)


def open_adapter(base: Path, adapter: Path) -> torch.nn.Module:
    from peft import PeftModel

    plain = AutoModelForSequenceClassification.from_pretrained(base, dtype=torch.float32).eval()
    return PeftModel.from_pretrained(plain, adapter).eval()


def sequences_for(config) -> list[list[int]]:
    """Lengths from one token to the longest, in no order; none of them is a special token."""
    draw = random.Random(1)
    longest = min(64, config.max_position_embeddings - 6)
    return [[draw.randrange(5, config.vocab_size) for _ in range(length)] for length in (7, 1, longest, 2, 33, 16, 17)]


def last_hidden(model: torch.nn.Module, ids: list[int]) -> torch.Tensor:
    """The encoder's result, [1, tokens, width], under an adapter too."""
    classifier = model.get_base_model() if hasattr(model, "get_base_model") else model
    return getattr(classifier, classifier.base_model_prefix)(input_ids=torch.tensor([ids]))[0]


@torch.no_grad()
def report(name: str, model: torch.nn.Module, output: Path, sequences: list[list[int]] | None = None) -> None:
    config, tensors, first = model.config, {}, []
    for index, ids in enumerate(sequences or sequences_for(config)):
        result = model(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long))
        tensors[f"{index}.input_ids"] = torch.tensor(ids)
        tensors[f"{index}.logits"] = result.logits[0].float().contiguous()
        tensors[f"{index}.hidden"] = last_hidden(model, ids)[0].float().contiguous()
        first.append(result.logits[0, 0].item())
    save_file(tensors, output / f"{name}.safetensors")
    print(json.dumps({"case": name, "model_type": config.model_type, "sequences": len(first), "first_logits": first}))


if __name__ == "__main__":
    main()
