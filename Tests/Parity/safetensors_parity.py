"""Writes and checks safetensors files with the reference library.

    safetensors_parity.py write FILE    writes the tensors of `tensors()` and metadata
    safetensors_parity.py check FILE    fails unless FILE holds exactly these tensors and metadata
"""

import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

METADATA = {"format": "pt", "note": 'quotes " and \\ and é 😀'}


def tensors():
    """One tensor of every type that both sides can express, with shapes of every kind."""
    numbers = torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4 - 0.5
    return {
        "f32": numbers,
        "f64": numbers.double(),
        "f16": numbers.half(),
        "bf16": numbers.bfloat16(),
        "i64": torch.tensor([-(2**63), 2**63 - 1]),
        "i32": torch.tensor([[-1], [7]], dtype=torch.int32),
        "i16": torch.tensor([-2, 300], dtype=torch.int16),
        "i8": torch.tensor([-3], dtype=torch.int8),
        "u8": torch.tensor([1, 2, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 4),
        'name "é"': torch.ones(1),
    }


def main():
    verb, path = sys.argv[1:]
    if verb == "write":
        save_file(tensors(), path, metadata=METADATA)
        return
    with safe_open(path, framework="pt") as file:
        assert file.metadata() == METADATA, file.metadata()
    found, wanted = load_file(path), tensors()
    assert found.keys() == wanted.keys(), found.keys() ^ wanted.keys()
    for name, tensor in wanted.items():
        assert found[name].dtype == tensor.dtype and found[name].shape == tensor.shape, name
        assert torch.equal(found[name], tensor), name


main()
