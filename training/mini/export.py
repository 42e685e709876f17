"""Write a trained adapter as a GGUF adapter: `python -m training.mini.export ADAPTER OUT.gguf`.

llama.cpp loads it beside the base it was trained on (`lora_path`).  It holds the adapter's two small matrices for each
projection and what they are scaled by; no weight of the base and nothing of the examples.

Format: https://github.com/ggml-org/llama.cpp, convert_lora_to_gguf.py; tensors are named as the base's, with
`.lora_a` (inputs to rank) and `.lora_b` (rank to outputs).
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize
from numpy.typing import NDArray
from safetensors.numpy import load_file

ARCHITECTURE = "gemma3"
NAME = "Rohnamo mini"
_PROJECTION = {"q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
               "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down"}
_BLOCK = 32                            # weights that share a scale
_TENSOR = re.compile(r".*\.layers\.(\d+)\.(?:self_attn|mlp)\.(\w+)\.lora_([AB])\.weight")


class StrangeAdapterError(ValueError):
    """The adapter changes something that a GGUF adapter of this model has no name for."""


def tensors(adapter: Path) -> Iterator[tuple[str, NDArray[numpy.float32]]]:
    """Yield the names and matrices of a PEFT adapter as llama.cpp knows them, (rank, inputs) and (outputs, rank).

    Raises:
        StrangeAdapterError: the adapter holds anything but matrices of the seven projections.
    """
    for name, matrix in sorted(load_file(adapter / "adapter_model.safetensors").items()):
        found = _TENSOR.fullmatch(name)
        if found is None or found[2] not in _PROJECTION:
            raise StrangeAdapterError(f"{name} is no projection of a {ARCHITECTURE} model; train with the projections "
                                      "that `training.mini.weights` names")
        yield f"blk.{found[1]}.{_PROJECTION[found[2]]}.weight.lora_{found[3].lower()}", matrix.astype(numpy.float32)


def export(adapter: Path, out: Path) -> int:
    """Write an adapter as GGUF, in place of what `out` held; return its bytes.

    Eight bits a weight with a scale for each 32 (Q8_0): half the size of half precision, and read faster.  Where rows
    are no multiple of 32, as with a rank of 16, half precision.

    Raises:
        StrangeAdapterError: as `tensors`, or its scale is not alpha over rank.
    """
    said = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    if said.get("use_rslora") or said.get("use_dora") or said.get("alpha_pattern") or said.get("rank_pattern"):
        raise StrangeAdapterError("its matrices are scaled in a way that a GGUF adapter cannot say")
    half = out.with_suffix(".part")
    writer = GGUFWriter(half, ARCHITECTURE)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(said["lora_alpha"]))
    writer.add_name(NAME)
    for name, matrix in tensors(adapter):
        if matrix.shape[1] % _BLOCK:
            writer.add_tensor(name, matrix.astype(numpy.float16))
        else:
            writer.add_tensor(name, quantize(matrix, GGMLQuantizationType.Q8_0), raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    half.replace(out)
    return out.stat().st_size


def main() -> None:
    """Write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("adapter", type=Path)
    parser.add_argument("out", type=Path)
    chosen = parser.parse_args()
    print(f"{chosen.out}: {export(chosen.adapter, chosen.out)} bytes")


if __name__ == "__main__":
    main()
