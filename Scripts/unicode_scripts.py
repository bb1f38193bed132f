"""Writes the runs of scalars of one script, as the Rust library `tokenizers` tells scripts apart.

    unicode_scripts.py > Sources/TheriacTokenizers/Unicode/ScriptRuns.swift

The library's table is of an older Unicode, and it counts Hiragana and Katakana as Han; so the table is asked
for, scalar by scalar, and not taken from Unicode's files.
"""
import os

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
from tokenizers import pre_tokenizers

split = pre_tokenizers.UnicodeScripts()


def is_same(first, second):
    return len(split.pre_tokenize_str(chr(first) + chr(second))) == 1


# Numbers of scripts: 0 goes with any; others by a scalar that has them.
LATIN, HAN = ord("a"), ord("一")
scripts = [None, LATIN, HAN]
runs = []
for value in range(0x110000):
    if 0xD800 <= value < 0xE000:
        number = runs[-1][1]
    elif is_same(LATIN, value) and is_same(HAN, value):
        number = 0
    else:
        last = runs[-1][1] if runs else 0
        known = [last] * (last > 0) + list(range(1, len(scripts)))
        number = next((index for index in known if is_same(scripts[index], value)), None)
        if number is None:
            number = len(scripts)
            scripts.append(value)
    if runs and runs[-1][1] == number:
        runs[-1][0] += 1
    else:
        runs.append([1, number])

words = [f"{length:x}.{number:x}" if length > 1 else f".{number:x}" for length, number in runs]
lines, line = [], ""
for word in words:
    if len(line) + len(word) > 98:
        lines.append(line.rstrip())
        line = ""
    line += word + " "
lines.append(line.rstrip())
print("/// Runs of scalars of one script from U+0000 on: the length and the script's number, in hexadecimal.")
print("///")
print("/// Written by `Scripts/unicode_scripts.py`.")
print("enum ScriptRuns {")
print('    static let text = """')
for line in lines:
    print(f"        {line}")
print('        """')
print("}")
