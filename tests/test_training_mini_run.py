"""How the adapter is trained and what llama.cpp makes of it, on a model of two layers and of no use."""

from __future__ import annotations

import json
from itertools import count

import numpy
import pytest

peft = pytest.importorskip("peft", reason="the extra `training` is not installed")
gguf = pytest.importorskip("gguf", reason="the extra `training` is not installed")
torch = pytest.importorskip("torch", reason="the extra `training` is not installed")

from training.mini import batches as batches_module  # noqa: E402
from training.mini.batches import Row, batches, course, stages  # noqa: E402
from training.mini.examples import ABSTAIN, Example  # noqa: E402
from training.mini.export import StrangeAdapterError, export, tensors  # noqa: E402
from training.mini.run import Plan, Run  # noqa: E402
from training.mini.tokens import base_file  # noqa: E402
from training.mini.weights import ALPHA, RANK, loss_of, with_adapter  # noqa: E402

# peft asks transformers for something by its old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")

VOCABULARY, LAYERS, WIDTH, HEADS, HEAD, FEED = 512, 2, 64, 2, 32, 96
ROWS = [Row((2, *(5 + (start + 3 * place) % 400 for place in range(length))), length // 2)
        for start, length in zip(range(40), [8, 12, 9, 20, 16] * 8, strict=True)]


def tiny_model():
    """A Gemma 3 of two layers with weights drawn by chance, the same each time."""
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig
    torch.manual_seed(0)
    config = Gemma3TextConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=FEED, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=1, head_dim=HEAD, query_pre_attn_scalar=HEAD,
        max_position_embeddings=256, sliding_window=64, layer_types=["sliding_attention", "full_attention"])
    model = Gemma3ForCausalLM(config)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    return model


def trained(folder, plan, *, model=None, resume=False, clock=None, dev=ROWS[:5]):
    """A run over the rows; the dev part is among them."""
    run = Run(model or with_adapter(tiny_model(), 1), plan, folder, clock or iter(count()).__next__)
    assert run.resume() == resume
    run.train(iter(batches(ROWS, 64, 1) * 8), batches(dev, 64, 1))
    return run


def log(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def adapter_of(run):
    return {name: weight.detach().clone() for name, weight in run.model.named_parameters() if weight.requires_grad}


def example(target, *, copied=False, question="?"):
    return Example("train", "plain", "tg", "proper", "", question, ("Ҳа.",), target, copied)


def test_only_the_adapter_learns_and_the_loss_falls(tmp_path):
    run = trained(tmp_path, Plan(2_000, 1_000, rate=2e-2, every=12))
    losses = [line["dev_loss"] for line in log(tmp_path) if "dev_loss" in line]
    assert losses[-1] < losses[0] * 0.9
    fresh = tiny_model().state_dict()
    base = run.model.get_base_model().state_dict()
    for name, weight in fresh.items():
        kept = base.get(name, base.get(name.replace(".weight", ".base_layer.weight")))
        assert torch.equal(kept, weight), name


def test_a_run_that_was_cut_off_ends_as_if_it_had_not_been(tmp_path):
    whole = trained(tmp_path / "whole", Plan(1_200, 1_000, every=5))
    half = Plan(1_200, 0.2, every=5)
    cut = trained(tmp_path / "cut", half)
    assert cut.ended == "minutes"
    assert cut.step < whole.step
    on = trained(tmp_path / "cut", Plan(1_200, 1_000, every=5), resume=True)
    assert (on.step, on.tokens) == (whole.step, whole.tokens)
    for name, weight in adapter_of(whole).items():
        assert torch.equal(adapter_of(on)[name], weight), name


def test_the_loss_counts_the_answer_alone_and_no_padding():
    model = with_adapter(tiny_model(), 1)
    run = Run.__new__(Run)
    run.model = model
    tokens, answers = Run._tensors(run, (ROWS[0], ROWS[3]))
    loss = loss_of(model, tokens, answers)
    wanted = []
    for row in (ROWS[0], ROWS[3]):
        logits = model(input_ids=torch.tensor([row.tokens])).logits[0]
        wanted += [torch.nn.functional.cross_entropy(logits[place - 1], torch.tensor(row.tokens[place]))
                   for place in range(row.answer, len(row.tokens))]
    assert torch.allclose(loss, torch.stack(wanted).mean(), atol=1e-5)


def test_a_run_ends_when_the_dev_part_gets_no_better_and_keeps_the_best_adapter(tmp_path):
    run = trained(tmp_path, Plan(10**9, 10**9, rate=1e-9, every=2, patience=3))
    assert run.ended == "dev"
    assert run.step == 8, "the first look is the best, three bring no gain"
    assert (tmp_path / "adapter" / "adapter_model.safetensors").is_file()
    assert not (tmp_path / "checkpoint.part").exists()


def test_a_run_ends_with_its_budget(tmp_path):
    run = trained(tmp_path, Plan(500, 10**9))
    assert run.ended == "budget"
    assert 500 <= run.tokens < 500 + 64


def test_rows_of_like_length_stand_together_and_none_is_lost():
    found = batches(ROWS, 64, 3)
    assert sorted(row.tokens for batch in found for row in batch) == sorted(row.tokens for row in ROWS)
    assert all(max(len(row.tokens) for row in batch) * len(batch) <= 64 for batch in found)
    assert found == batches(ROWS, 64, 3)
    assert found != batches(ROWS, 64, 4)


def test_copying_is_learnt_first_with_a_share_of_abstaining_and_everything_afterwards():
    made = [example("Ҳа. [1]", copied=number % 4 == 0, question=str(number)) for number in range(80)]
    made += [example(ABSTAIN, question=f"? {number}") for number in range(40)]
    first, rest = stages(made, 1)
    assert sum(one.copied for one in first) == 20
    assert sum(one.target == ABSTAIN for one in first) == 7
    assert {*first, *rest} == set(made)
    read = {one: Row((2, number + 5, 7), 2) for number, one in enumerate(made)}
    order = [row for batch, _ in zip(course(made, read.__getitem__, 3, 1), range(120), strict=False) for row in batch]
    assert set(order[:27]) == {read[one] for one in first}
    assert set(order) == set(read.values())


def test_an_adapter_is_written_with_llama_cpps_names_shapes_and_scale(tmp_path):
    run = trained(tmp_path, Plan(500, 1_000))
    export(tmp_path / "adapter", tmp_path / "adapter.gguf")
    written = gguf.GGUFReader(tmp_path / "adapter.gguf")
    fields = {name: field.contents() for name, field in written.fields.items()}
    assert fields["general.type"] == "adapter"
    assert fields["adapter.type"] == "lora"
    assert fields["adapter.lora.alpha"] == ALPHA
    assert fields["general.architecture"] == "gemma3"
    found = {tensor.name: tuple(map(int, tensor.shape)) for tensor in written.tensors}
    assert len(found) == LAYERS * 7 * 2 == len(adapter_of(run))
    assert found["blk.0.attn_q.weight.lora_a"] == (WIDTH, RANK)
    assert found["blk.1.ffn_down.weight.lora_b"] == (RANK, WIDTH)
    assert not (tmp_path / "adapter.part").exists()


def test_an_adapter_of_anything_else_is_refused_and_what_was_written_stays(tmp_path):
    from safetensors.numpy import save_file
    trained(tmp_path, Plan(300, 1_000))
    (tmp_path / "adapter.gguf").write_bytes(b"before")
    save_file({"base_model.model.lm_head.lora_A.weight": numpy.zeros((2, 2), dtype=numpy.float32)},
              tmp_path / "adapter" / "adapter_model.safetensors")
    with pytest.raises(StrangeAdapterError, match="lm_head"):
        export(tmp_path / "adapter", tmp_path / "adapter.gguf")
    assert (tmp_path / "adapter.gguf").read_bytes() == b"before"


def write_base(model, file):
    """The tiny model as a GGUF of whole numbers' precision, with a vocabulary of bytes and words of no meaning."""
    writer = gguf.GGUFWriter(file, "gemma3")
    for key, value in {"context_length": 256, "embedding_length": WIDTH, "block_count": LAYERS,
                       "feed_forward_length": FEED, "attention.head_count": HEADS, "attention.head_count_kv": 1,
                       "attention.key_length": HEAD, "attention.value_length": HEAD,
                       "attention.sliding_window": 64}.items():
        writer.add_uint32(f"gemma3.{key}", value)
    writer.add_float32("gemma3.attention.layer_norm_rms_epsilon", 1e-6)
    writer.add_float32("gemma3.rope.freq_base", 1_000_000.0)
    writer.add_array("gemma3.attention.sliding_window_pattern", [True, False])
    writer.add_tokenizer_model("llama")
    words = [b"<pad>", b"<eos>", b"<bos>", b"<unk>", *(f"<0x{byte:02X}>".encode() for byte in range(256))]
    words += [f"w{number}".encode() for number in range(VOCABULARY - len(words))]
    writer.add_token_list(words)
    writer.add_token_scores([0.0] * VOCABULARY)
    writer.add_token_types([3, 3, 3, 2, *[6] * 256, *[1] * (VOCABULARY - 260)])
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(1)
    for name, weight in model.state_dict().items():
        if named := base_name(name):
            writer.add_tensor(named, (weight + 1 if "norm" in name else weight).numpy())
    for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close):
        step()


def base_name(name):
    names = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    parts = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
             "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
             "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
             "input_layernorm": "attn_norm", "post_attention_layernorm": "post_attention_norm",
             "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm"}
    if not name.startswith("model.layers."):
        return names.get(name)
    _, _, layer, part = name.split(".", 3)
    return f"blk.{layer}.{parts[part.removesuffix('.weight')]}.weight"


def engines_greedy(base, adapter, prompt, length):
    """The tokens llama.cpp chooses one after another."""
    import llama_cpp
    llama = llama_cpp.Llama(str(base), lora_path=adapter and str(adapter), n_ctx=256, n_batch=64, n_threads=1,
                            logits_all=True, verbose=False)
    llama.eval(prompt)
    chosen = []
    for _ in range(length):
        chosen.append(int(llama.scores[llama.n_tokens - 1].argmax()))
        llama.eval(chosen[-1:])
    llama.close()
    return chosen


def test_llama_cpp_writes_with_the_adapter_what_transformers_writes(tmp_path):
    write_base(tiny_model(), tmp_path / "base.gguf")
    run = trained(tmp_path, Plan(1_500, 1_000, rate=2e-2, every=12))
    export(tmp_path / "adapter", tmp_path / "adapter.gguf")
    prompt = list(ROWS[3].tokens[:8])
    expected = run.model.generate(torch.tensor([prompt]), max_new_tokens=20, do_sample=False, eos_token_id=None,
                                  pad_token_id=0)[0, 8:].tolist()
    assert engines_greedy(tmp_path / "base.gguf", tmp_path / "adapter.gguf", prompt, 20) == expected
    assert engines_greedy(tmp_path / "base.gguf", None, prompt, 20) != expected, "the adapter is what makes it"


@pytest.mark.model
def test_llama_cpp_loads_an_adapter_beside_the_packaged_model_and_it_changes_what_is_written(tmp_path):
    from safetensors.numpy import save_file
    base, chance = base_file(tmp_path), numpy.random.default_rng(1)
    sizes = {"self_attn.q_proj": (640, 1024), "self_attn.k_proj": (640, 256), "self_attn.v_proj": (640, 256),
             "self_attn.o_proj": (1024, 640), "mlp.gate_proj": (640, 2048), "mlp.up_proj": (640, 2048),
             "mlp.down_proj": (2048, 640)}
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text(json.dumps({"lora_alpha": ALPHA}), encoding="utf-8")
    save_file({f"base_model.model.model.layers.{layer}.{name}.lora_{side}.weight":
               chance.normal(0, 0.02, shape).astype(numpy.float32)
               for layer in range(18) for name, (inputs, outputs) in sizes.items()
               for side, shape in (("A", (RANK, inputs)), ("B", (outputs, RANK)))},
              adapter / "adapter_model.safetensors")
    assert export(adapter, tmp_path / "adapter.gguf") < 9_000_000
    assert len(list(tensors(adapter))) == 18 * 7 * 2
    prompt = [2, 52522, 46870]
    alone, beside = (engines_greedy(base, file, prompt, 8) for file in (None, tmp_path / "adapter.gguf"))
    assert alone != beside


def test_no_more_than_so_many_examples_are_only_copied_first(monkeypatch):
    monkeypatch.setattr(batches_module, "FIRST_STAGE", 8)
    made = [example("Ҳа. [1]", copied=True, question=str(number)) for number in range(80)]
    made += [example(ABSTAIN, question=f"? {number}") for number in range(40)]
    first, rest = stages(made, 1)
    assert (sum(one.copied for one in first), sum(one.target == ABSTAIN for one in first)) == (6, 2)
    assert len(first) + len(rest) == len(made)
