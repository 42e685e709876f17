"""The base model with an adapter on all its projections: the only weights that are trained."""

from __future__ import annotations

from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, PreTrainedModel

from training.mini.tokens import base_file

RANK, ALPHA = 32, 64
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def base_model(folder: Path, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    """Return the base model of a folder: a transformers checkpoint, or the packaged GGUF, de-quantized once."""
    if not (folder / "config.json").is_file():
        file = base_file(folder)
        model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file.name, dtype=torch.float32)
        # Its weights are plain numbers by now; what says that they came from a GGUF would forbid to save them.
        model.hf_quantizer = None
        del model.config.quantization_config
        model.save_pretrained(folder)
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa")


def with_adapter(model: PreTrainedModel, seed: int) -> PeftModel:
    """Return the model with a fresh adapter; everything else is frozen.  The same seed gives the same adapter."""
    torch.manual_seed(seed)
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=list(PROJECTIONS),
                        task_type="CAUSAL_LM")
    return get_peft_model(model, config)


def loss_of(model: PeftModel, tokens: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Return the mean loss over the tokens of the answers.

    tokens: (rows, length) int64, padded with 0; answers: (rows, length) bool, which of them are an answer's.
    Only their logits are computed: 262 144 numbers a token would else cost more than all layers.
    """
    length = torch.arange(tokens.shape[1], device=tokens.device)
    padded = length >= tokens.ne(0).sum(1, keepdim=True)
    inner = model.get_base_model()
    hidden = inner.model(input_ids=tokens, attention_mask=(~padded).long(), use_cache=False).last_hidden_state
    wanted = answers[:, 1:]
    logits = inner.lm_head(hidden[:, :-1][wanted])
    return torch.nn.functional.cross_entropy(logits.float(), tokens[:, 1:][wanted])
