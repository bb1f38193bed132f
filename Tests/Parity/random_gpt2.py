"""A GPT-2 124M folder with random weights and a tokenizer to match, for speed on a machine without downloads.

    random_gpt2.py --output DIR [--prompts 20] [--prompt-tokens 16] [--seed 0]

Writes DIR/model.safetensors, config.json, tokenizer.json and tokenizer_config.json (byte-level BPE with 50,257 tokens:
the bytes, 50,000 of their pairs, and the end-of-text token), and DIR/prompts.jsonl: prompts of exactly that many
tokens. What such a model writes is noise; what it costs is what GPT-2 costs.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

END = "<|endoftext|>"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--prompts", type=int, default=20)
    parser.add_argument("--prompt-tokens", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)

    tokenizer = pair_tokenizer()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END, bos_token=END, clean_up_tokenization_spaces=False,
    ).save_pretrained(options.output)
    torch.manual_seed(options.seed)
    GPT2LMHeadModel(GPT2Config()).save_pretrained(options.output)
    with open(options.output / "prompts.jsonl", "w", encoding="utf-8") as file:
        for number, text in enumerate(prompts(tokenizer, options)):
            file.write(json.dumps({"id": f"random-{number}", "prompt": {"text": text}}) + "\n")
    print(json.dumps({"folder": str(options.output), "prompts": options.prompts, "tokens": options.prompt_tokens}))


def pair_tokenizer() -> Tokenizer:
    """GPT-2's form of tokenizer, with the pairs of printable ASCII first, so that English comes out in pairs."""
    symbols = sorted(pre_tokenizers.ByteLevel.alphabet(), key=lambda symbol: (symbol > "~" and symbol != "Ġ", symbol))
    merges = sorted(
        ((a, b) for a in symbols for b in symbols),
        key=lambda pair: (max(symbols.index(pair[0]), symbols.index(pair[1])), pair))[:50_000]
    vocabulary = {token: i for i, token in enumerate([*symbols, *(a + b for a, b in merges), END])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(END, special=True, normalized=False)])
    return tokenizer


def prompts(tokenizer: Tokenizer, options: argparse.Namespace) -> list[str]:
    draw, texts = random.Random(options.seed), []
    while len(texts) < options.prompts:
        words = ["".join(draw.choices("aeioulnrstdm", k=draw.randint(2, 7))) for _ in range(options.prompt_tokens)]
        for count in range(1, len(words) + 1):
            text = " ".join(words[:count])
            if len(tokenizer.encode(text).ids) == options.prompt_tokens:
                texts.append(text)
                break
    return texts


if __name__ == "__main__":
    main()
