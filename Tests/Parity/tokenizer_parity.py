"""What the Rust library `tokenizers` makes of many texts, for comparison with Theriac.

make FOLDER                 writes tokenizers with unusual settings into sub-folders, one name a line
run TOKENIZER DATA LIMIT [MADE]
                            writes one record a text to standard output (numbers are little-endian, 32-bit):
                            bytes of text, text, tokens, ids, offset pairs, bytes of decoded text, decoded text

Texts are the lines of every file under DATA, the strings within the lines that are JSON, at most LIMIT lines
of a file (0: all), and made ones: Unicode scalars in several surroundings (all that are assigned, or without
DATA a few of every kind) and MADE random texts of each of several kinds.
"""
import array
import gzip
import json
import os
import random
import sys

os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".txt", ".md")
SAMPLE = ["the lazy dog doesn't jump, it's 12345 times 67", "héllo wörld 你好 мир", "  indented\n\tcode = {};\r\n"]


def byte_level(model, **settings):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(**settings)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def make(folder):
    corpus = [line * 3 for line in SAMPLE * 20]
    corpus += [" ".join(random.Random(seed).choices(WORDS, k=12)) for seed in range(400)]
    alphabet = pre_tokenizers.ByteLevel.alphabet()

    def trained(model, *, alphabet, size=600, special=("<|endoftext|>",), **settings):
        tokenizer = byte_level(model, **settings)
        trainer = trainers.BpeTrainer(
            vocab_size=size, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False)
        tokenizer.train_from_iterator(corpus, trainer)
        return tokenizer

    def save(name, tokenizer):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        tokenizer.save(os.path.join(folder, name, "tokenizer.json"))
        print(name)

    plain = trained(models.BPE(), alphabet=alphabet, add_prefix_space=False)
    os.makedirs(os.path.join(folder, "vocabulary-and-merges"), exist_ok=True)
    plain.model.save(os.path.join(folder, "vocabulary-and-merges"))
    print("vocabulary-and-merges")

    trimming = trained(models.BPE(), alphabet=alphabet, add_prefix_space=True)
    trimming.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=True),
        processors.TemplateProcessing(
            single="<|endoftext|> $A <|endoftext|>", special_tokens=[("<|endoftext|>", 0)])])
    save("prefix-space-and-template", trimming)

    added = trained(models.BPE(), alphabet=alphabet, add_prefix_space=False)
    added.post_processor = processors.ByteLevel(trim_offsets=True, add_prefix_space=False)
    added.add_special_tokens([
        AddedToken("<mask>", lstrip=True), AddedToken("<end>", rstrip=True), "<|end", " <gap> "])
    added.add_tokens([
        AddedToken("dog", single_word=True), AddedToken("jump", normalized=True),
        AddedToken("jumping", normalized=False),
        AddedToken("é", single_word=True, lstrip=True, rstrip=True), "Ġodd", "你好", "é"])
    save("added-tokens", added)

    unknown = trained(
        models.BPE(unk_token="<unk>"), alphabet=[], special=["<unk>"], size=200, add_prefix_space=True)
    unknown.post_processor = processors.ByteLevel(trim_offsets=True)
    save("unknown-bytes", unknown)

    fused = trained(
        models.BPE(unk_token="<unk>", fuse_unk=True), alphabet=[], special=["<unk>"], size=200,
        add_prefix_space=False)
    save("fused-unknown-bytes", fused)

    save("dropped-bytes", trained(models.BPE(), alphabet=[], special=[], size=200, add_prefix_space=False))

    whole = trained(models.BPE(ignore_merges=True), alphabet=alphabet, add_prefix_space=False)
    definition = json.loads(whole.to_str())
    for word in ("Ġquick", "zebra", "Ã©Ã©", "!?"):
        definition["model"]["vocab"].setdefault(word, len(definition["model"]["vocab"]))
    save("ignored-merges", Tokenizer.from_str(json.dumps(definition)))

    save("no-pattern", trained(models.BPE(), alphabet=alphabet, add_prefix_space=True, use_regex=False))


def lines(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rb") as file:
        for line in file:
            yield line.rstrip(b"\r\n").decode("utf-8", "replace")


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def data_texts(root, limit):
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            if not name.removesuffix(".gz").endswith(SUFFIXES):
                continue
            for number, line in enumerate(lines(os.path.join(folder, name))):
                if limit and number >= limit:
                    break
                yield line
                if line[:1] in "{[":
                    try:
                        value = json.loads(line)
                    except ValueError:
                        continue
                    for text in strings(value):
                        yield text.encode("utf-8", "replace").decode()


WORDS = ["the", "quick", "dog", "Don't", "we'll", "jump", "jumping", "zebra", "12", "3456", "!?", "éé", "你好", "x"]
PARTS = WORDS + [
    "<|endoftext|>", "<mask>", "<end>", "<|end", " <gap> ", "Ġodd", "é", "e\u0301", " ", "  ", "\n", "\t", "\r\n",
    "\u00a0", "\u3000", "\u200d", "👩‍👩‍👧", "🏳️‍🌈", "\0", "\ufeff", "\x7f", "'", "’", "'s", "'LL", "_", "ⅷ", "½",
    "New Thing", "new thing", "raw Thing", "raw thing", "ÉÉ", "<gap>", "[MASK]", "</s>", "<unk>", "▁", "▁▁", "<0x41>",
    "<extra_id_0>", "``", "''", "Ｎew", "अ", "\u0940", "\ud7ff", "\ue000", "\uffff", "\U0010ffff", "\U000e0001", ".", ",", "...", "=", "Ġ", "Â"]


# Sequences in which scalars matter to each other: from these blocks, in runs.
BLOCKS = [
    range(0x20, 0x7F), range(0xA0, 0x250), range(0x300, 0x370), range(0x370, 0x530), range(0x590, 0x700),
    range(0x900, 0xE00), range(0xE00, 0x1000), range(0x1100, 0x1200), range(0x1E00, 0x2070), range(0x2070, 0x2200),
    range(0x2460, 0x2500), range(0x3000, 0x3100), range(0x3200, 0x3400), range(0x4E00, 0x4F00), range(0xA960, 0xA980),
    range(0xAC00, 0xAE00), range(0xD7B0, 0xD800), range(0xF900, 0xFB50), range(0xFB50, 0xFC00), range(0xFDF0, 0xFE30),
    range(0xFF00, 0x10000), range(0x1D100, 0x1D200), range(0x1D400, 0x1D500), range(0x1F1E6, 0x1F200),
    range(0x1F3F0, 0x1F500), range(0x110B0, 0x110C0), range(0x2F800, 0x2F900)]
MARKS = [0x300, 0x301, 0x308, 0x323, 0x327, 0x345, 0x5B0, 0x64B, 0x93C, 0x94D, 0x9BE, 0xFE0F, 0x200D, 0x20E3, 0x1F3FB,
         0x1161, 0x11A8, 0x3099, 0x302A, 0xE0100, 0x1DC0, 0x600, 0x110BD]


def fuzz(generator):
    text = ""
    while len(text) < 24 and generator.random() < 0.9:
        kind = generator.random()
        if kind < 0.3:
            text += generator.choice(PARTS)
        elif kind < 0.8:
            block = generator.choice(BLOCKS)
            text += "".join(chr(generator.choice(block)) for _ in range(generator.randint(1, 4)))
        else:
            text += "".join(chr(generator.choice(MARKS)) for _ in range(generator.randint(1, 5)))
    return text


def made_texts(everything, made):
    scalars = [chr(value) for value in range(0x110000) if not 0xD800 <= value < 0xE000]
    for start in range(0, len(scalars), 256):
        # Nothing is assigned between U+34000 and U+E0000; the rest is for private use.
        if start >= 0x34000 and start & 0xFFFF and start >> 8 != 0xE01 or not everything and start >> 8 > 0x21:
            continue
        if made < 500 and start >> 8 not in (0, 3, 9, 0x20):
            continue
        block = scalars[start:start + 256]
        yield "".join(block)
        yield "".join(f"a{scalar}1{scalar}!{scalar} {scalar}" for scalar in block)
        yield "".join(f"{scalar}dog{scalar}  <mask>{scalar}é" for scalar in block)
    generator = random.Random(2026)
    for _ in range(made):
        yield "".join(generator.choices(PARTS, k=generator.randint(0, 24)))
    for _ in range(made):
        yield fuzz(generator)
    for _ in range(made // 6):
        yield "".join(generator.choices(scalars, k=generator.randint(1, 40)))
    for text in ("a", " ", "ab", "\n", "é", "!"):
        for length in (95, 96, 97, 98, 300, 5000 if made >= 500 else 400):
            yield text * length


def load(folder):
    path = os.path.join(folder, "tokenizer.json")
    if os.path.exists(path):
        tokenizer = Tokenizer.from_file(path)
        # Theriac passes over what a file says about cutting and filling.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer
    model = models.BPE.from_file(os.path.join(folder, "vocab.json"), os.path.join(folder, "merges.txt"))
    tokenizer = byte_level(model, add_prefix_space=False)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def run(folder, data, limit, made):
    tokenizer = load(folder)
    out = sys.stdout.buffer

    def write(batch):
        encodings = tokenizer.encode_batch(batch)
        decoded = tokenizer.decode_batch([encoding.ids for encoding in encodings])
        for text, encoding, back in zip(batch, encodings, decoded):
            text, back, ids = text.encode(), back.encode(), encoding.ids
            offsets = [position for pair in encoding.offsets for position in pair]
            numbers = array.array("I", [len(ids), *ids, *offsets, len(back)])
            out.write(len(text).to_bytes(4, "little") + text + numbers.tobytes() + back)

    batch = []
    for texts in (made_texts(bool(data), made), data_texts(data, limit) if data else ()):
        for text in texts:
            batch.append(text)
            if len(batch) == 500:
                write(batch)
                batch = []
    write(batch)


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    run(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]) if len(sys.argv) > 5 else 12000)
