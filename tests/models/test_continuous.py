"""Rows that come and go write what each would write alone, whatever the network's layers are."""

import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModelForCausalLM

from quintain.errors import ModelError
from quintain.models.calls import Call
from quintain.models.continuous import ContinuousDecoder
from quintain.models.decoders import make_decoder
from quintain.models.interrupts import Interrupts
from quintain.models.language_model import Sampling
from quintain.models.row_cache import RowCache, obstacle
from quintain.models.rows import Draw, Row
from quintain.models.static_batches import StaticDecoder
from quintain.prompts import request

VOCABULARY = 64
SMALL = {"vocab_size": VOCABULARY, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "initializer_range": 0.3}
HEADS = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2}
LLAMA = SMALL | HEADS | {"intermediate_size": 48, "max_position_embeddings": 256}
LATENT = {"num_key_value_heads": 4, "q_lora_rank": 8, "kv_lora_rank": 8, "qk_nope_head_dim": 8, "qk_rope_head_dim": 8,
          "v_head_dim": 8, "head_dim": 8, "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16,
          "first_k_dense_replace": 1}  # fmt: skip
LINEAR = {"linear_num_key_heads": 2, "linear_num_value_heads": 2, "linear_key_head_dim": 8, "linear_value_head_dim": 8}
NETWORKS = {
    "llama": LLAMA,
    "qwen2": LLAMA,
    "qwen3": LLAMA | {"head_dim": 8},
    "mistral": LLAMA | {"sliding_window": 7},
    "gemma2": LLAMA | {"head_dim": 8, "sliding_window": 6},
    "gemma3_text": LLAMA | {"head_dim": 8, "sliding_window": 5, "num_hidden_layers": 4, "sliding_window_pattern": 2},
    "gpt2": SMALL | {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 256},
    "gpt_neox": LLAMA,
    "bloom": SMALL | {"hidden_size": 32, "n_layer": 2, "n_head": 4},
    "opt": SMALL | HEADS | {"ffn_dim": 48, "word_embed_proj_dim": 32, "max_position_embeddings": 256},
    "falcon": SMALL | {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "alibi": True},
    "phi": LLAMA,
    "olmo2": LLAMA,
    "gemma4_text": LLAMA | {"head_dim": 8, "hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": VOCABULARY},
    "deepseek_v2": LLAMA | LATENT,
    "glm4_moe_lite": LLAMA | LATENT,
}
OTHERS = {
    "mamba": SMALL | {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 4},
    "rwkv": SMALL | {"hidden_size": 32, "num_hidden_layers": 2, "attention_hidden_size": 32, "context_length": 256},
    "roformer": SMALL | HEADS | {"intermediate_size": 48, "max_position_embeddings": 256, "is_decoder": True},
    "deepseek_v4": LLAMA | LATENT | {"num_hidden_layers": 4, "index_n_heads": 2, "index_head_dim": 8, "index_topk": 64},
    "qwen3_5_text": LLAMA | {"num_hidden_layers": 4, "head_dim": 8} | LINEAR,
    "phi3": LLAMA,  # works its cache out anew where its two kinds of positions meet
}


def network_of(kind):
    torch.manual_seed(0)
    settings = NETWORKS.get(kind) or OTHERS[kind]
    return AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **settings)).eval()


def prompts(count, longest=24, seed=0):
    rng = random.Random(seed)
    return [[rng.randrange(3, VOCABULARY) for _ in range(rng.randint(1, longest))] for _ in range(count)]


def rows_of(prompts, limits, sampling=Sampling(), listeners=None):  # noqa: B008
    asked = Call(request=request("student/instruction", {"instruction": "Hi"}), sampling=sampling)
    calls = [asked if not listeners else Call(request=asked.request, sampling=sampling, listener=each)
             for each in listeners or [None] * len(prompts)]  # fmt: skip
    return [
        Row(call, ids, limit, {2}, lambda ids: " ".join(map(str, ids)), Draw(sampling, seed))
        for seed, (call, ids, limit) in enumerate(zip(calls, prompts, limits, strict=True))
    ]


def written(decoder, rows):
    line = iter(rows)
    for _ in decoder.decode(lambda: next(line, None)):
        pass
    return [row.ids for row in rows]


def alone(network, ids, limit):
    row = torch.tensor([ids])
    out = network.generate(
        row, attention_mask=torch.ones_like(row), max_new_tokens=limit, do_sample=False, eos_token_id=2, pad_token_id=0
    )
    return out[0, len(ids) :].tolist()


def decoder_of(network, **limits):
    return ContinuousDecoder(network, Interrupts(network), **{"most_rows": 4, "most_tokens": 10_000} | limits)


@pytest.mark.parametrize("kind", NETWORKS)
def test_every_kind_of_layer_writes_in_company_what_transformers_writes_alone(kind):
    network = network_of(kind)
    assert obstacle(network) == ""
    asked, limits = prompts(9), [1, 30, 4, 12, 30, 2, 17, 30, 9]
    expected = [alone(network, ids, limit) for ids, limit in zip(asked, limits, strict=True)]
    assert written(decoder_of(network), rows_of(asked, limits)) == expected
    assert written(decoder_of(network, most_rows=1), rows_of(asked, limits)) == expected


@pytest.fixture(scope="module")
def llama():
    return network_of("llama")


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=12),
    st.integers(1, 6), st.integers(1, 400), st.integers(1, 50), st.integers(0, 99),
)  # fmt: skip
def test_no_order_and_no_limit_changes_a_row(llama, sizes, most_rows, most_tokens, prefill_tokens, seed):
    rng = random.Random(seed)
    asked = [[rng.randrange(3, VOCABULARY) for _ in range(length)] for length, _ in sizes]
    limits, sampling = [limit for _, limit in sizes], Sampling(temperature=1.0, top_p=0.9)
    expected = written(decoder_of(llama, most_rows=99), rows_of(asked, limits, sampling))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("quintain.models.continuous.PREFILL_TOKENS", prefill_tokens)
        decoder = decoder_of(llama, most_rows=most_rows, most_tokens=most_tokens)
        rows = rows_of(asked, limits, sampling)
        order = rng.sample(range(len(rows)), len(rows))
        written(decoder, [rows[place] for place in order])
    assert [row.ids for row in rows] == expected


def test_memory_is_bounded_by_tokens_unless_one_row_alone_needs_more(llama, monkeypatch):
    taken = []
    lay_out = RowCache.lay_out

    def noted(cache, slots, capacity):
        taken.append((slots, capacity))
        lay_out(cache, slots, capacity)

    monkeypatch.setattr(RowCache, "lay_out", noted)
    written(decoder_of(llama, most_rows=50, most_tokens=200), rows_of(prompts(40), [20] * 40))
    assert max(slots for slots, _ in taken) > 1
    assert all(slots * capacity <= 200 for slots, capacity in taken)
    taken.clear()
    written(decoder_of(llama, most_rows=50, most_tokens=20), rows_of(prompts(3), [30] * 3))
    assert {slots for slots, _ in taken} == {1}


def shapes_of(network):
    """Rows and tokens of all that a network is given."""
    shapes = []
    network.register_forward_pre_hook(
        lambda _, __, named: shapes.append(tuple(named["input_ids"].shape)), with_kwargs=True
    )
    return shapes


def test_no_prompt_is_padded_and_equal_ones_are_read_once():
    network = network_of("llama")
    shapes = shapes_of(network)
    asked = [[5] * 6, [5] * 6, [7] * 6, [9] * 3]
    said = written(decoder_of(network), rows_of(asked, [3] * 4))
    assert said[0] == said[1] == alone(network, asked[0], 3)
    assert sorted(shape for shape in shapes[:2]) == [(1, 3), (2, 6)]


@pytest.mark.parametrize("kind", ["llama", "gemma3_text", "bloom"])
def test_what_prompts_begin_with_alike_is_read_once(kind):
    network = network_of(kind)
    system = prompts(1, longest=1)[0] * 20
    asked = [system + ids for ids in prompts(5, seed=1)]
    expected = [alone(network, ids, 9) for ids in asked]
    decoder, shapes = decoder_of(network), shapes_of(network)
    assert written(decoder, rows_of(asked, [9] * 5)) == expected
    assert sum(rows * width for rows, width in shapes if width > 1) <= sum(map(len, asked)) - 3 * 20
    shapes.clear()
    assert written(decoder, rows_of(asked[:1], [9])) == expected[:1]  # known from the time before
    assert shapes[0][1] <= len(asked[0]) - 20


@pytest.mark.parametrize("kind", sorted(NETWORKS))
def test_the_head_gets_the_last_tokens_as_rows_without_gaps(kind):
    # Of rows with gaps torch makes a batch, and copies the weights of an adapter's base for each of them.
    network = network_of(kind)
    strides = []
    network.get_output_embeddings().register_forward_pre_hook(lambda _, given: strides.append(given[0].stride()))
    written(decoder_of(network), rows_of([[5] * 6, [6] * 6, [7] * 9], [3] * 3))
    assert set(strides) == {(32, 32, 1)}


def test_long_prompts_are_read_in_pieces_while_others_go_on():
    network = network_of("llama")
    asked, limits = [[5] * 4, [6] * 40, [7] * 5], [20, 4, 20]
    expected = [alone(network, *each) for each in zip(asked, limits, strict=True)]
    shapes = shapes_of(network)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("quintain.models.continuous.PREFILL_TOKENS", 8)
        assert written(decoder_of(network), rows_of(asked, limits)) == expected
    assert max(width for _, width in shapes) == 8
    pieces = [place for place, (_, width) in enumerate(shapes) if width == 8]
    assert len(pieces) == 5
    assert all(shapes[place + 1][1] == 1 for place in pieces[:-1])


def test_rows_that_end_leave_and_waiting_ones_join():
    network = network_of("llama")
    shapes = shapes_of(network)
    asked, limits = [[5 + n] * 4 for n in range(8)], [40, 2, 2, 2, 30, 30, 30, 30]
    said = written(decoder_of(network, most_rows=4), rows_of(asked, limits))
    # Static batches of four would take 40 + 30 steps. The prompt's reading gives the first token of a row.
    steps = [rows for rows, width in shapes if width == 1]
    assert len(steps) < 45
    assert sum(steps) == sum(len(ids) - 1 for ids in said)


class Listener:
    gone = False

    def __init__(self, leaves_after=10**9):
        self.heard, self.leaves_after = 0, leaves_after

    def hear(self, text):
        self.heard += 1
        self.gone = self.heard >= self.leaves_after

    def end(self, completion):
        pass


def test_a_row_that_nobody_hears_any_more_leaves_alone(llama):
    listeners = [Listener(leaves_after=2), Listener()]
    rows = rows_of([[5] * 4, [6] * 4], [30, 30], listeners=listeners)
    quick, whole = written(decoder_of(llama), rows)
    assert len(quick) < 10
    assert whole == alone(llama, [6] * 4, 30)


def test_a_row_whose_listener_left_while_it_waited_is_never_read():
    network = network_of("llama")
    shapes = shapes_of(network)
    listener = Listener()
    listener.gone = True
    (row,) = rows_of([[5] * 4], [30], listeners=[listener])
    assert written(decoder_of(network), [row]) == [[]]
    assert (shapes, row.finish_reason) == ([], "length")


@pytest.mark.parametrize("kind", OTHERS)
def test_a_network_whose_cache_is_of_its_own_kind_writes_the_same_in_static_batches(kind, caplog):
    network = network_of(kind)
    decoder = make_decoder(
        network, Interrupts(network), most_rows=3, most_tokens=500, context_tokens=256, end_tokens={2}, pad_token=0
    )
    assert isinstance(decoder, StaticDecoder)
    assert "generation in static batches, which is slower" in caplog.text
    asked, limits = prompts(5), [8, 3, 12, 1, 8]
    expected = [alone(network, ids, limit) for ids, limit in zip(asked, limits, strict=True)]
    assert written(decoder, rows_of(asked, limits)) == expected


def test_a_halted_network_ends_in_the_middle_of_a_prompt(llama):
    network = network_of("llama")
    interrupts = Interrupts(network)
    decoder = ContinuousDecoder(network, interrupts, 4, 1000)
    ran = []
    network.model.layers[0].register_forward_hook(lambda *_: (ran.append(1), setattr(interrupts, "halted", True)))
    with pytest.raises(ModelError, match="was halted"):
        written(decoder, rows_of([[5] * 4], [30]))
    assert ran == [1]
