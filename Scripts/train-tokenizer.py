"""Trains a byte-level BPE vocabulary with the `tokenizers` library and writes tokenizer.json.

Usage: train-tokenizer.py OUTPUT_FOLDER VOCABULARY CORPUS.txt[.gz] [INDEX.tsv[.gz] SOURCE=WEIGHT ...]

Documents of the corpus are separated by blank lines; with an index, only documents of the named sources count, each
with its weight (0.5: every second one).
"""
import gzip, json, os, sys
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

END = "<|endoftext|>"


def lines(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.rstrip("\n")


def documents(path):
    document = []
    for line in lines(path):
        if line:
            document.append(line)
        elif document:
            yield "\n".join(document)
            document = []
    if document:
        yield "\n".join(document)


def selected(path, index, weights):
    if not index:
        yield from documents(path)
        return
    sources = lines(index)
    next(sources)
    seen = {name: 0.0 for name in weights}
    for document, source in zip(documents(path), sources):
        if source not in weights:
            continue
        before = seen[source]
        seen[source] += weights[source]
        if int(seen[source]) > int(before):
            yield document


def main():
    output, vocabulary, corpus = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    index = sys.argv[4] if len(sys.argv) > 4 else None
    weights = {name: float(weight) for name, weight in (pair.split("=") for pair in sys.argv[5:])}
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=[END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False)
    tokenizer.train_from_iterator(selected(corpus, index, weights), trainer)
    os.makedirs(output, exist_ok=True)
    tokenizer.save(os.path.join(output, "tokenizer.json"), pretty=False)
    with open(os.path.join(output, "tokenizer_config.json"), "w", encoding="utf-8") as file:
        json.dump({"bos_token": END, "eos_token": END, "unk_token": END, "tokenizer_class": "GPT2TokenizerFast",
                   "model_max_length": 256}, file, indent=2)


if __name__ == "__main__":
    main()
