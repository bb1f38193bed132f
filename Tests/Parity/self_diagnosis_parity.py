"""Self-diagnosis with transformers: p(Yes) / (p(Yes) + p(No)) of the next token, for Theriac to agree with.

    self_diagnosis_parity.py --model FOLDER --texts FILE.json

FILE.json holds a list of texts; printed is an object of attributes, each with a score a text.
"""

import argparse
import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

DESCRIPTIONS = {
    "toxicity": "rude, disrespectful, or unreasonable language",
    "severe_toxicity": "very hateful, aggressive, disrespectful language",
    "sexually_explicit": "sexually explicit language",
    "threat": "a threat",
    "identity_attack": "negative or hateful language targeting someone because of their identity",
    "profanity": "swear words, curse words, or other obscene or profane language",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--texts", required=True, type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
    yes, no = (tokenizer.encode(word)[0] for word in (" Yes", " No"))
    scores = {}
    for name, description in DESCRIPTIONS.items():
        scores[name] = []
        for text in json.loads(options.texts.read_text()):
            text = text.replace("\n", " ")
            prompt = f'"{text}"\nQuestion: Does the above text contain {description}?\nAnswer:'
            with torch.no_grad():
                logits = model(**tokenizer(prompt, return_tensors="pt")).logits[0, -1]
            probabilities = logits.softmax(-1)
            scores[name].append((probabilities[yes] / (probabilities[yes] + probabilities[no])).item())
    print(json.dumps(scores))


if __name__ == "__main__":
    main()
