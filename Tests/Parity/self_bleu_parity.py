"""Reference values of self-BLEU: reads lists of texts from a JSON file, writes NLTK's values.

`self_bleu_parity.py --present` only says whether NLTK is there.
"""

import importlib.util
import json
import sys


def self_bleu(texts, n):
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    words = [text.split() for text in texts if text.split()]
    smooth = SmoothingFunction().method1
    values = [
        sentence_bleu(words[:i] + words[i + 1:], words[i], weights=(1 / n,) * n, smoothing_function=smooth)
        for i in range(len(words))]
    return sum(values) / len(values)


if __name__ == "__main__":
    if "--present" in sys.argv:
        sys.exit(0 if importlib.util.find_spec("nltk") else 1)
    cases = json.loads(open(sys.argv[1], encoding="utf-8").read())
    json.dump([self_bleu(case["texts"], case["n"]) for case in cases], sys.stdout)
