"""Tokenizers of every family Theriac reads, made with the Rust library `tokenizers` for comparison.

make FOLDER [DATA]    writes one tokenizer a sub-folder of FOLDER, one name a line of standard output. Models
                      are trained on texts of DATA when there are any, else on made ones. What needs
                      SentencePiece's rules is left out, with a line on standard error, without that package.
"""
import base64
import gzip
import json
import os
import random
import sys
import tempfile

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers as N, pre_tokenizers as P
from tokenizers import processors, trainers

WORDS = (
    "the a of to and in is it you that he was for on are with as his they be at one have this from or had by hot "
    "but some what there we can out other were all your when up use word how said an each she which do their time "
    "if will way about many then them would write like so these her long make thing see him two has look more day "
    "could go come did my sound no most number who over know water than call first people may down side been now "
    "find don't won't we'll it's I'm they've héllo naïve Straße ﬁne ½ ① ２０ Ångström 你好 世界 мир привет κόσμος "
    "שלום مرحبا नमस्ते 안녕 こんにちは カタカナ 😀 … “quoted” — - 1234 3.14 !! ?").split()


def made_lines():
    generator = random.Random(7)
    return [" ".join(generator.choices(WORDS, k=14)) for _ in range(4000)]


def data_lines(root):
    lines = []
    for name in ("toxicity/davidson.jsonl", "toxicity/civil-comments-spans.jsonl.gz", "toxicity/stormfront.jsonl"):
        path = os.path.join(root, name)
        if not os.path.exists(path):
            continue
        with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
            lines += [json.loads(line)["text"] for _, line in zip(range(4000), file)]
    return lines


class Maker:
    def __init__(self, folder, data):
        self.folder = folder
        self.lines = (data_lines(data) if data else []) + made_lines()
        self.pieces = {}
        self.charsmap = charsmap(self.lines)

    def save(self, name, tokenizer, added=()):
        tokenizer.add_special_tokens(list(added))
        tokenizer.add_tokens([
            AddedToken("New Thing", normalized=True), AddedToken("raw Thing", normalized=False),
            AddedToken("Éé", normalized=True, single_word=True), AddedToken("<gap>", lstrip=True, rstrip=True)])
        os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        tokenizer.save(os.path.join(self.folder, name, "tokenizer.json"))
        print(name, flush=True)

    def train(self, tokenizer, trainer):
        tokenizer.train_from_iterator(self.lines, trainer)
        return tokenizer

    def unigram(self, special, normalizer=None, size=6000, **settings):
        """A Unigram model with the special tokens first, as fairseq and T5 order them."""
        key = ("unigram", str(normalizer))
        if key not in self.pieces:
            tokenizer = Tokenizer(models.Unigram())
            tokenizer.pre_tokenizer = P.Sequence([P.WhitespaceSplit(), P.Metaspace()])
            if normalizer is not None:
                tokenizer.normalizer = normalizer
            self.train(tokenizer, trainers.UnigramTrainer(
                vocab_size=size, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False))
            self.pieces[key] = json.loads(tokenizer.to_str())["model"]["vocab"]
        pieces = [piece for piece in self.pieces[key] if piece[0] not in special]
        if settings.get("byte_fallback"):
            pieces = [[f"<0x{byte:02X}>", 0.0] for byte in range(256)] + pieces
        vocabulary = [(token, 0.0) for token in special] + [tuple(piece) for piece in pieces]
        return Tokenizer(models.Unigram(vocabulary, special.index("<unk>"), settings.get("byte_fallback", False)))

    def word_piece(self, normalizer, special, size=6000):
        key = ("wordpiece", repr(normalizer))
        if key not in self.pieces:
            tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
            tokenizer.normalizer = normalizer
            tokenizer.pre_tokenizer = P.BertPreTokenizer()
            self.train(tokenizer, trainers.WordPieceTrainer(
                vocab_size=size, special_tokens=special, show_progress=False))
            self.pieces[key] = tokenizer.to_str()
        tokenizer = Tokenizer.from_str(self.pieces[key])
        tokenizer.decoder = decoders.WordPiece()
        return tokenizer

    def byte_level(self, special, pre_tokenizer, normalizer=None, size=5000, **settings):
        key = ("bytes", str(pre_tokenizer), str(normalizer))
        if key not in self.pieces:
            tokenizer = Tokenizer(models.BPE())
            tokenizer.pre_tokenizer = pre_tokenizer
            if normalizer is not None:
                tokenizer.normalizer = normalizer
            self.train(tokenizer, trainers.BpeTrainer(
                vocab_size=size, initial_alphabet=P.ByteLevel.alphabet(), show_progress=False))
            self.pieces[key] = tokenizer.to_str()
        definition = json.loads(self.pieces[key])
        definition["model"].update(settings)
        # A token that no rule makes: it is found only when rules are ignored.
        definition["model"]["vocab"].setdefault("Ġzebra", len(definition["model"]["vocab"]))
        tokenizer = Tokenizer.from_str(json.dumps(definition))
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens(special)
        return tokenizer

    def llama(self, special, joins_blanks=False, size=5000):
        """Byte-pair encoding on scalars with byte tokens."""
        key = ("llama", joins_blanks)
        if key not in self.pieces:
            tokenizer = Tokenizer(models.BPE(fuse_unk=True, byte_fallback=True, unk_token="<unk>"))
            tokenizer.normalizer = N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")])
            if not joins_blanks:
                tokenizer.pre_tokenizer = P.Metaspace(prepend_scheme="never")
            names = special + [f"<0x{byte:02X}>" for byte in range(256)]
            self.train(tokenizer, trainers.BpeTrainer(
                vocab_size=size, special_tokens=names, limit_alphabet=200, show_progress=False))
            self.pieces[key] = tokenizer.to_str()
        definition = json.loads(self.pieces[key])
        definition["added_tokens"] = definition["added_tokens"][:len(special)]
        definition["normalizer"] = definition["pre_tokenizer"] = None
        return Tokenizer.from_str(json.dumps(definition))


def charsmap(lines):
    """SentencePiece's compiled rules nmt_nfkc, out of a model trained with them; None without the package."""
    try:
        import sentencepiece
    except ImportError:
        print("no sentencepiece: without XLM-R, T5 and others with compiled rules", file=sys.stderr)
        return None
    with tempfile.TemporaryDirectory() as folder:
        prefix = os.path.join(folder, "model")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines[:2000]), model_prefix=prefix, vocab_size=400, hard_vocab_limit=False,
            normalization_rule_name="nmt_nfkc", minloglevel=2, num_threads=1)
        with open(prefix + ".model", "rb") as file:
            model = file.read()
    return dict(fields(dict(fields(model))[3]))[2]


def fields(message):
    """The fields of a protocol buffer that hold bytes: number and content."""
    position = 0

    def varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = message[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(message):
        key = varint()
        if key & 7 == 2:
            length = varint()
            yield key >> 3, message[position:position + length]
            position += length
        elif key & 7 == 0:
            varint()
        else:
            position += 8 if key & 7 == 1 else 4


LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace("{1,3}", "")
QWEN3_5 = QWEN2.replace(r"]?\p{L}+", r"]?[\p{L}\p{M}]+").replace(r"[^\s\p{L}\p{N}]", r"[^\s\p{L}\p{M}\p{N}]")
GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
# One that Theriac has no scanner for.
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def template(before, after, tokenizer):
    names = before + after
    return processors.TemplateProcessing(
        single=" ".join(before + ["$A"] + after), pair=" ".join(before + ["$A"] + after + ["$B"] + after),
        special_tokens=[(name, tokenizer.token_to_id(name)) for name in dict.fromkeys(names)])


def bert(make):
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    for name, normalizer in (
            ("bert-uncased", N.BertNormalizer()), ("bert-cased", N.BertNormalizer(lowercase=False)),
            ("bert-accents", N.BertNormalizer(strip_accents=False)),
            ("bert-unaccented", N.BertNormalizer(strip_accents=True, lowercase=False, clean_text=False)),
            ("bert-whole-ideographs", N.BertNormalizer(handle_chinese_chars=False))):
        tokenizer = make.word_piece(normalizer, special)
        tokenizer.post_processor = template(["[CLS]"], ["[SEP]"], tokenizer)
        make.save(name, tokenizer)
    # As the first ones were saved.
    tokenizer = make.word_piece(N.BertNormalizer(), special)
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", tokenizer.token_to_id("[SEP]")), ("[CLS]", tokenizer.token_to_id("[CLS]")))
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    make.save("electra", tokenizer)


def byte_level(make):
    for name, trims, prefix in (("roberta", True, False), ("roberta-prefix", True, True), ("longformer", False, False)):
        tokenizer = make.byte_level(["<s>", "<pad>", "</s>", "<unk>"], P.ByteLevel(add_prefix_space=prefix))
        tokenizer.post_processor = processors.RobertaProcessing(
            ("</s>", tokenizer.token_to_id("</s>")), ("<s>", tokenizer.token_to_id("<s>")),
            trim_offsets=trims, add_prefix_space=prefix)
        make.save(name, tokenizer, [AddedToken("<mask>", lstrip=True)])
    plain = P.ByteLevel(add_prefix_space=False)
    tokenizer = make.byte_level(["<|endoftext|>"], plain)
    make.save("gpt2", tokenizer)
    tokenizer = make.byte_level(["</s>"], plain)
    tokenizer.post_processor = template(["</s>"], [], tokenizer)
    make.save("opt", tokenizer)
    tokenizer = make.byte_level(["<|endoftext|>", "<|padding|>"], plain, N.NFC())
    make.save("pythia", tokenizer)
    tokenizer = make.byte_level(["[UNK]", "[CLS]", "[SEP]", "[PAD]"], plain, N.NFC())
    tokenizer.post_processor = template(["[CLS]"], ["[SEP]"], tokenizer)
    make.save("modernbert", tokenizer, [AddedToken("[MASK]", lstrip=True)])
    without = P.ByteLevel(add_prefix_space=False, use_regex=False)
    for name, pattern, normalizer, settings in (
            ("llama3", LLAMA3, None, {"ignore_merges": True}), ("qwen2", QWEN2, N.NFC(), {}),
            ("qwen3.5", QWEN3_5, N.NFC(), {}), ("gpt2-split", GPT2, None, {}), ("o200k", O200K, None, {})):
        pre_tokenizer = P.Sequence([P.Split(Regex(pattern), "isolated"), without])
        tokenizer = make.byte_level(["<|begin_of_text|>", "<|end_of_text|>"], pre_tokenizer, normalizer, **settings)
        if name == "llama3":
            tokenizer.post_processor = processors.Sequence([
                processors.ByteLevel(trim_offsets=True), template(["<|begin_of_text|>"], [], tokenizer)])
        make.save(name, tokenizer)
    # StarCoder and DeepSeek cut digits first; the byte alphabet then comes more than once.
    tokenizer = make.byte_level(["<eos>"], P.Sequence([P.Digits(individual_digits=True), plain]))
    make.save("starcoder", tokenizer)
    tokenizer = make.byte_level(["<eos>"], P.Sequence([
        P.Split(Regex("[\r\n]"), "isolated"), P.Split(Regex(r"\s?\p{L}+"), "isolated"),
        P.Split(Regex(r"\s?\p{P}+"), "isolated"), P.Split(Regex("[一-龥ࠀ-一가-퟿]+"), "isolated"),
        P.Digits(individual_digits=True), without]))
    make.save("deepseek", tokenizer)
    # Stand-ins written by a normalizer, and read as scalars.
    trained = json.loads(make.byte_level([], plain).to_str())
    tokenizer = Tokenizer.from_str(json.dumps({**trained, "pre_tokenizer": None, "added_tokens": []}))
    tokenizer.normalizer = N.ByteLevel()
    make.save("byte-normalizer", tokenizer)
    tokenizer = make.byte_level([], P.Sequence([plain, P.Digits()]))
    make.save("byte-alphabet-first", tokenizer)


def unigram(make):
    fairseq = ["<s>", "<pad>", "</s>", "<unk>"]
    t5 = ["<pad>", "</s>", "<unk>"]
    words = P.Sequence([P.WhitespaceSplit(), P.Metaspace()])
    rules = make.charsmap and N.Precompiled(make.charsmap)
    blanks = N.Replace(Regex(" {2,}"), " ")

    def save(name, tokenizer, normalizer, pre_tokenizer, before, after, added=(), **metaspace):
        if normalizer is not None:
            tokenizer.normalizer = normalizer
        tokenizer.pre_tokenizer = pre_tokenizer
        tokenizer.decoder = decoders.Metaspace(**metaspace)
        if before or after:
            tokenizer.post_processor = template(before, after, tokenizer)
        make.save(name, tokenizer, added)

    lowered = N.Sequence([
        N.Replace("``", '"'), N.Replace("''", '"'), N.NFKD(), N.StripAccents(), N.Lowercase(), blanks])
    deberta = N.Sequence([N.Replace(Regex(r"\s{2,}|[\n\r\t]"), " "), N.NFC(), N.Strip(left=False, right=True)])
    bert = ["[PAD]", "[CLS]", "[SEP]", "<unk>"]
    for scheme in ("always", "first", "never"):
        pieces = P.Sequence([P.Metaspace(prepend_scheme=scheme)])
        save(f"deberta-v3-{scheme}", make.unigram(bert), deberta, pieces, ["[CLS]"], ["[SEP]"], ["[MASK]"],
             prepend_scheme=scheme)
    save("deberta-v2-punctuation", make.unigram(bert), N.Sequence([N.Lowercase(), deberta]),
         P.Sequence([P.Punctuation("isolated"), P.Metaspace(prepend_scheme="first")]), ["[CLS]"], ["[SEP]"])
    save("albert", make.unigram(bert), lowered, P.Metaspace(), ["[CLS]"], ["[SEP]"])
    save("unigram-bytes", make.unigram(["<unk>"], byte_fallback=True), None, P.Metaspace(), [], [])
    save("unigram-whole", make.unigram(["<unk>"]), N.NFKC(), P.Metaspace(split=False), [], [])
    if rules is None:
        return
    save("xlm-roberta", make.unigram(fairseq, rules), rules, words, ["<s>"], ["</s>"],
         [AddedToken("<mask>", lstrip=True)])
    save("xlm-roberta-old", make.unigram(fairseq, rules), N.Sequence([rules, blanks]), P.Metaspace(),
         ["<s>"], ["</s>"])
    save("t5", make.unigram(t5, rules), rules, words, [], ["</s>"], ["<extra_id_0>", "<extra_id_1>"])
    save("t5-old", make.unigram(t5, rules),
         N.Sequence([rules, N.Strip(left=False, right=True), N.Replace(Regex(" {2,}"), "▁")]),
         P.Metaspace(), [], ["</s>"])
    save("deberta-v3-old", make.unigram(bert, rules), N.Sequence([N.Strip(), rules, blanks]),
         P.Sequence([P.Metaspace()]), ["[CLS]"], ["[SEP]"])
    save("albert-old", make.unigram(bert, rules), N.Sequence([N.Lowercase(), rules, blanks]), P.Metaspace(),
         ["[CLS]"], ["[SEP]"])


def scalars(make):
    special = ["<unk>", "<s>", "</s>"]
    chain = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    for joins in (False, True):
        suffix = "-joined" if joins else ""
        tokenizer = make.llama(special, joins)
        tokenizer.normalizer = N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")])
        tokenizer.decoder = decoders.Sequence(chain + [decoders.Strip(" ", 1, 0)])
        tokenizer.post_processor = template(["<s>"], [], tokenizer)
        make.save("llama2" + suffix, tokenizer)
        tokenizer = make.llama(special, joins)
        tokenizer.pre_tokenizer = P.Metaspace(prepend_scheme="first", split=False)
        tokenizer.decoder = decoders.Sequence(chain + [decoders.Strip(" ", 1, 0)])
        tokenizer.post_processor = template(["<s>"], [], tokenizer)
        make.save("mistral" + suffix, tokenizer)
        tokenizer = make.llama(["<pad>", "<eos>", "<bos>", "<unk>"] if joins else special, joins)
        tokenizer.normalizer = N.Replace(" ", "▁")
        tokenizer.pre_tokenizer = P.Split(" ", "merged_with_previous")
        tokenizer.decoder = decoders.Sequence(chain)
        make.save("gemma" + suffix, tokenizer)
    # OpenAI's first one and CLIP mark the ends of words.
    for name, prefix, unknown in (("openai-gpt", None, "<unk>"), ("prefix-and-suffix", "##", "<unk>"),
                                  ("fused", None, "<unk>"), ("dropped", None, None)):
        settings = {"end_of_word_suffix": "</w>"} if name != "dropped" else {}
        if prefix:
            settings["continuing_subword_prefix"] = prefix
        if unknown:
            settings["unk_token"] = unknown
        tokenizer = Tokenizer(models.BPE(fuse_unk=name == "fused", **settings))
        tokenizer.normalizer = N.BertNormalizer()
        tokenizer.pre_tokenizer = P.BertPreTokenizer()
        make.train(tokenizer, trainers.BpeTrainer(
            vocab_size=3000, special_tokens=[unknown] if unknown else [], limit_alphabet=60, show_progress=False,
            **{key: value for key, value in settings.items() if key != "unk_token"}))
        tokenizer.decoder = decoders.BPEDecoder()
        make.save(name, tokenizer)
    clip = (r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    definition = json.loads(make.byte_level([], P.ByteLevel(add_prefix_space=False)).to_str())
    tokenizer = Tokenizer.from_str(json.dumps(definition))
    tokenizer.normalizer = N.Sequence([N.NFC(), N.Replace(Regex(r"\s+"), " "), N.Lowercase()])
    tokenizer.pre_tokenizer = P.Sequence([
        P.Split(Regex(clip), "removed", invert=True), P.ByteLevel(add_prefix_space=False)])
    make.save("clip", tokenizer)


def components(make):
    """Every normalizer and pre-tokenizer, with a model that writes the bytes it is given."""
    vocabulary = {f"<0x{byte:02X}>": byte for byte in range(256)}
    vocabulary["<unk>"] = 256

    def spelled(name, normalizer=None, pre_tokenizer=None):
        tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], byte_fallback=True, unk_token="<unk>"))
        if normalizer is not None:
            tokenizer.normalizer = normalizer
        if pre_tokenizer is not None:
            tokenizer.pre_tokenizer = pre_tokenizer
        tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
        make.save("normalizer-" + name, tokenizer)

    def cut(name, pre_tokenizer, normalizer=None):
        tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "the": 1, "▁the": 2, "dog": 3, " ": 4}, "<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizer
        if normalizer is not None:
            tokenizer.normalizer = normalizer
        make.save("pre-tokenizer-" + name, tokenizer)

    for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt", "ByteLevel"):
        spelled(name, getattr(N, name)())
    spelled("strip", N.Sequence([N.Strip(), N.Prepend("<>")]))
    spelled("strip-left", N.Sequence([N.Strip(right=False), N.NFD(), N.StripAccents()]))
    spelled("replace", N.Sequence([
        N.Replace("do", "DON"), N.Replace(Regex(r"[aeiou]+(?=\w)"), ""), N.Replace(Regex("x*$"), "£"),
        N.Replace(Regex("é|́"), "ab")]))
    spelled("mixed", N.Sequence([N.NFKD(), N.Lowercase(), N.NFC(), N.BertNormalizer(), N.Replace(" ", "▁")]))
    if make.charsmap:
        spelled("Precompiled", N.Precompiled(make.charsmap))
        cut("after-rules", P.Metaspace(prepend_scheme="first"), N.Precompiled(make.charsmap))
    behaviors = ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")
    for behavior in behaviors:
        cut("Punctuation-" + behavior, P.Punctuation(behavior))
        for invert in (False, True):
            suffix = behavior + ("-inverted" if invert else "")
            cut("Split-text-" + suffix, P.Split(" ", behavior, invert))
            cut("Split-word-" + suffix, P.Split(Regex(r"\w+"), behavior, invert))
            cut("Split-empty-" + suffix, P.Split(Regex(r"o*"), behavior, invert))
    cut("Digits", P.Digits())
    cut("Digits-individual", P.Digits(individual_digits=True))
    cut("Whitespace", P.Whitespace())
    cut("WhitespaceSplit", P.WhitespaceSplit())
    cut("CharDelimiterSplit", P.CharDelimiterSplit("o"))
    cut("UnicodeScripts", P.UnicodeScripts())
    cut("FixedLength", P.FixedLength(length=3))
    cut("Sequence", P.Sequence([P.Whitespace(), P.Digits(True), P.Metaspace(), P.Punctuation()]),
        N.Sequence([N.NFKD(), N.Lowercase()]))
    cut("Metaspace-first", P.Sequence([P.WhitespaceSplit(), P.Metaspace("_", prepend_scheme="first")]), N.Strip())


if __name__ == "__main__":
    maker = Maker(sys.argv[2], sys.argv[3] if len(sys.argv) > 3 and sys.argv[3] else None)
    for family in (bert, byte_level, unigram, scalars, components):
        family(maker)
