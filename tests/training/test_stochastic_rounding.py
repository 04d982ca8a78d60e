"""Stochastic rounding keeps what is exact, is right in the mean, and lets small steps be seen."""

import pytest
import torch

from quintain.training.autocast import halved_stream
from quintain.training.stochastic_rounding import rounded, rounded_weights, rounding_noise, store_rounded

ULP = 2.0**-8
"""Distance of two numbers of bfloat16 from .5 to 1."""
NOISE = rounding_noise(torch.device("cpu"))


def test_numbers_of_bfloat16_stay_as_they_are():
    weight = torch.randn(64, 48, generator=torch.Generator().manual_seed(1)).bfloat16().float()
    assert rounded(weight, NOISE).float().equal(weight)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("share", [0.125, 0.5, 0.75])
def test_a_number_between_two_goes_up_in_its_share_of_cases(share, sign):
    torch.manual_seed(0)
    found = rounded(torch.full((400, 500), sign * (0.75 + share * ULP)), NOISE).float().abs()
    assert set(found.unique().tolist()) == {0.75, 0.75 + ULP}
    # Five standard deviations of 200,000 draws.
    assert (found > 0.75).float().mean().item() == pytest.approx(share, abs=5 * (share * (1 - share) / 200_000) ** 0.5)


def test_more_weights_than_a_piece_are_all_rounded(monkeypatch):
    monkeypatch.setattr("quintain.training.stochastic_rounding._PIECE", 7)
    weight = torch.randn(5, 9, generator=torch.Generator().manual_seed(2))
    found = rounded(weight, NOISE).float()
    assert ((found - weight).abs() <= weight.abs() * 2**-7).all()


def test_what_is_rounded_is_no_view_so_that_a_model_may_add_to_it_in_place():
    assert not rounded(torch.randn(3, 4), NOISE)._is_view()


def test_a_step_too_small_for_the_nearest_number_is_seen_and_the_gradient_reaches_the_exact_weight():
    torch.manual_seed(0)
    layer = torch.nn.Linear(4096, 1, bias=False)
    torch.nn.init.constant_(layer.weight, 0.75)
    layer.weight.data += ULP / 8
    ones = torch.ones(1, 4096)
    with torch.autocast("cpu", torch.bfloat16):
        nearest = layer(ones).item()
        with rounded_weights(layer):
            seen = layer(ones)
    assert nearest == pytest.approx(4096 * 0.75)
    assert seen.item() == pytest.approx(4096 * (0.75 + ULP / 8), rel=0.002)
    seen.sum().backward()
    assert layer.weight.grad.equal(torch.ones(1, 4096))
    assert isinstance(layer.weight, torch.nn.Parameter)


def test_without_autocast_and_after_an_error_weights_are_the_exact_ones():
    layer = torch.nn.Linear(3, 2)
    exact = layer.weight
    with rounded_weights(layer):
        assert layer(torch.ones(1, 3)).dtype == torch.float32
        with pytest.raises(RuntimeError), torch.autocast("cpu", torch.bfloat16):
            layer(torch.ones(1, 4))
    assert layer.weight is exact


def test_a_recomputed_layer_is_rounded_as_it_was():
    torch.manual_seed(0)
    layer = torch.nn.Sequential(torch.nn.Linear(32, 32), torch.nn.Tanh(), torch.nn.Linear(32, 32))
    inputs = torch.randn(4, 32)

    def gradients(recomputed):
        torch.manual_seed(3)
        layer.zero_grad()
        with rounded_weights(layer):
            with torch.autocast("cpu", torch.bfloat16):
                outputs = (
                    torch.utils.checkpoint.checkpoint(layer, inputs, use_reentrant=False)
                    if recomputed
                    else layer(inputs)
                )
            outputs.float().square().sum().backward()
        return [weight.grad.clone() for weight in layer.parameters()]

    assert all(one.equal(other) for one, other in zip(gradients(False), gradients(True), strict=True))


def test_what_is_stored_is_the_same_every_time_and_an_adapter_is_left_as_it_is():
    weights = torch.randn(20, 20, generator=torch.Generator().manual_seed(4))
    stored = []
    for seed in (1, 2):
        layer = torch.nn.Linear(20, 20)
        layer.weight.data = weights.clone()
        torch.manual_seed(seed)
        expected = torch.rand(1)
        torch.manual_seed(seed)
        store_rounded(layer)
        assert torch.rand(1).equal(expected)
        assert {weight.dtype for weight in layer.parameters()} == {torch.bfloat16}
        stored.append(layer.weight.data)
    assert stored[0].equal(stored[1])
    adapted = torch.nn.Linear(2, 2)
    adapted.peft_config = {}
    store_rounded(adapted)
    assert adapted.weight.dtype == torch.float32


def test_what_an_adapter_adds_is_seen_beside_a_much_larger_output():
    from peft import LoraConfig, inject_adapter_in_model

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 20_000, bias=False)).requires_grad_(requires_grad=False)
    model[0].weight.data.fill_(0.75 / 4)
    model = inject_adapter_in_model(LoraConfig(r=1, lora_alpha=1, target_modules=["0"]), model)
    model[0].lora_A["default"].weight.data.fill_(0.25)
    model[0].lora_B["default"].weight.data.fill_(ULP / 8)
    ones = torch.ones(1, 4)
    with torch.autocast("cpu", torch.bfloat16):
        nearest = model(ones)
        with halved_stream(model), rounded_weights(model):
            seen = model(ones)
    assert seen.dtype == torch.bfloat16
    assert nearest.float().mean().item() == 0.75
    assert seen.float().mean().item() == pytest.approx(0.75 + ULP / 8, rel=1e-4)
