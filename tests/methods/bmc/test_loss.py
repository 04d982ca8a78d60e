"""The loss against arithmetic by hand, against a loop written from the formulas, and against its own derivatives."""

import math
import subprocess
import sys

import pytest
import torch

from quintain.methods.bmc import REFERENCE_FREE, VARIANTS, preference_loss, token_weights


def log(*rows):
    return torch.tensor(rows, dtype=torch.float64).log()


# One pair of two tokens each; the second token is the edited one.
POLICY = log([0.5, 0.8], [0.5, 0.1])
REFERENCE = log([0.5, 0.4], [0.5, 0.2])
MODIFIED = torch.tensor([[False, True], [False, True]])
MASK = torch.ones(2, 2)
WEIGHTS = token_weights(POLICY, MODIFIED, delta=2.0)
# Weights: 1 + min(1/0.8, 2) = 2.25 and 1 + min(1/0.1, 2) = 3; unedited tokens 1.
S_W, S_L = math.log(0.5) + 2.25 * math.log(0.8), math.log(0.5) + 3 * math.log(0.1)
R_W, R_L = math.log(0.5) + 2.25 * math.log(0.4), math.log(0.5) + 3 * math.log(0.2)


def softplus(x):
    return math.log1p(math.exp(x))


def test_an_edited_token_weighs_one_and_the_capped_inverse_of_its_probability():
    assert WEIGHTS.flatten().tolist() == pytest.approx([1, 2.25, 1, 3])


def test_with_delta_1_every_edited_token_weighs_2():
    assert token_weights(POLICY, MODIFIED, delta=1).tolist() == [[1, 2], [1, 2]]


def test_a_token_of_probability_zero_is_capped_like_any_other():
    assert token_weights(torch.tensor([[-1e30, -math.inf]]), torch.ones(1, 2), 3.0).tolist() == [[4, 4]]


def test_weights_carry_no_gradient():
    logps = POLICY.clone().requires_grad_()
    assert not token_weights(logps, MODIFIED, 2.0).requires_grad


def test_weights_of_half_precision_log_probabilities_are_single_precision():
    assert token_weights(POLICY.bfloat16(), MODIFIED, 2.0).dtype == torch.float32


@pytest.mark.parametrize(
    ("variant", "arguments", "expected"),
    [
        # d_w = 2.25 ln 2 and d_l = -3 ln 2, so the margin is 5.25 ln 2
        ("dpo", {"beta": 0.1}, softplus(-0.1 * 5.25 * math.log(2))),
        ("dpo", {"beta": 0.1, "alpha": 7.0, "gamma": 7.0}, softplus(-0.1 * 5.25 * math.log(2))),
        # means per token: 2.25 ln 2 / 2 and -3 ln 2 / 2; 1/2τ = 5
        ("ipo", {"beta": 0.1}, (5.25 * math.log(2) / 2 - 5) ** 2),
        # both responses have two tokens
        ("r_dpo", {"beta": 0.1, "alpha": 0.5}, softplus(-0.1 * 5.25 * math.log(2))),
        # the chosen response did not lose: no penalty
        ("dpop", {"beta": 0.1, "alpha": 50.0}, softplus(-0.1 * 5.25 * math.log(2))),
        ("simpo", {"beta": 2.0, "gamma": 0.3}, softplus(-(2.0 * (S_W - S_L) / 2 - 0.3))),
        # NLL per chosen token is -(ln 0.5 + ln 0.8) / 2, without weights
        (
            "orpo",
            {"beta": 0.1},
            -(math.log(0.5) + math.log(0.8)) / 2
            + 0.1 * softplus(-((S_W - S_L) / 2 - math.log((1 - math.exp(S_W / 2)) / (1 - math.exp(S_L / 2))))),
        ),
    ],
)
def test_every_variant_is_its_formula(variant, arguments, expected):
    loss = preference_loss(variant, POLICY, REFERENCE, WEIGHTS, WEIGHTS, MASK, **arguments)
    assert loss.tolist() == pytest.approx([expected], rel=1e-12)


def test_r_dpo_charges_alpha_per_token_of_length():
    mask = torch.tensor([[1, 1], [1, 0]])
    # The rejected response has one token now, of equal probability under both: d_l = 0, lengths 2 and 1.
    loss = preference_loss("r_dpo", POLICY, REFERENCE, WEIGHTS, WEIGHTS, mask, beta=0.1, alpha=0.5)
    assert loss.item() == pytest.approx(softplus(-(0.1 * 2.25 * math.log(2) - 0.5)), rel=1e-12)


def test_dpop_charges_alpha_per_nat_that_the_chosen_response_lost():
    ones = torch.ones_like(POLICY)
    # Sides turned round, no weights: the chosen response lost ln 2, the rejected one won ln 2; margin -2 ln 2.
    loss = preference_loss("dpop", POLICY.flip(0), REFERENCE.flip(0), ones, ones, MASK, beta=0.1, alpha=5.0)
    assert loss.item() == pytest.approx(softplus(0.1 * (2 + 5) * math.log(2)), rel=1e-12)


def test_own_weights_of_the_reference_move_the_margin():
    # Weights of the reference's own: 1 + min(1/0.4, 2) = 3 for the chosen, 3 for the rejected.
    own = token_weights(REFERENCE, MODIFIED, 2.0)
    margin = (S_W - math.log(0.5) - 3 * math.log(0.4)) - (S_L - R_L)
    loss = preference_loss("dpo", POLICY, REFERENCE, WEIGHTS, own, MASK, beta=0.1)
    assert loss.item() == pytest.approx(softplus(-0.1 * margin), rel=1e-12)


def test_no_reference_weights_means_the_weights_of_the_policy():
    both = [preference_loss("dpo", POLICY, REFERENCE, WEIGHTS, w, MASK, beta=0.1) for w in (WEIGHTS, None)]
    assert both[0].equal(both[1])


@pytest.mark.parametrize("variant", REFERENCE_FREE)
def test_a_reference_free_variant_needs_no_reference(variant):
    assert preference_loss(variant, POLICY, None, WEIGHTS, None, MASK, beta=1.0).isfinite().all()


def batch(seed, pairs=5, tokens=9):
    generator = torch.Generator().manual_seed(seed)

    def draw():
        return -3 * torch.rand(2 * pairs, tokens, generator=generator, dtype=torch.float64) - 1e-3

    lengths = torch.randint(1, tokens + 1, (2 * pairs,), generator=generator)
    mask = torch.arange(tokens) < lengths[:, None]
    modified = torch.rand(2 * pairs, tokens, generator=generator) < 0.4
    return draw(), draw(), modified, mask


def by_loop(variant, policy, reference, modified, mask, delta, own, beta, alpha, gamma):
    """The formulas of the paper in plain Python, one token at a time."""

    def total(row, values, weigher):
        return sum(
            (1 + min(math.exp(-weigher[row, t].item()), delta) if modified[row, t] else 1) * values[row, t].item()
            for t in range(mask.shape[1])
            if mask[row, t]
        )

    half = len(policy) // 2
    n = [int(mask[row].sum()) for row in range(2 * half)]
    s = [total(row, policy, policy) for row in range(2 * half)]
    r = [total(row, reference, reference if own else policy) for row in range(2 * half)]
    nll = -sum(policy[row][mask[row]].sum().item() for row in range(half)) / sum(n[:half])
    losses = []
    for w, l in zip(range(half), range(half, 2 * half), strict=True):  # noqa: E741 - as in the paper
        d_w, d_l = s[w] - r[w], s[l] - r[l]
        if variant == "ipo":
            losses.append((d_w / n[w] - d_l / n[l] - 1 / (2 * beta)) ** 2)
        elif variant == "orpo":
            a, b = s[w] / n[w], s[l] / n[l]
            odds = (a - b) - (math.log(1 - math.exp(a)) - math.log(1 - math.exp(b)))
            losses.append(nll + beta * softplus(-odds))
        elif variant == "simpo":
            losses.append(softplus(gamma - beta * (s[w] / n[w] - s[l] / n[l])))
        else:
            margin = beta * (d_w - d_l)
            if variant == "r_dpo":
                margin -= alpha * (n[w] - n[l])
            if variant == "dpop":
                margin -= beta * alpha * max(0, r[w] - s[w])
            losses.append(softplus(-margin))
    return losses


@pytest.mark.parametrize("own", [False, True], ids=["policy", "own"])
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_a_loop_in_double_precision(variant, own, seed):
    policy, reference, modified, mask = batch(seed)
    delta, beta, alpha, gamma = 2.5, 0.3, 0.2, 0.4
    weights = token_weights(policy, modified, delta)
    theirs = token_weights(reference, modified, delta) if own else weights
    loss = preference_loss(variant, policy, reference, weights, theirs, mask, beta, alpha, gamma)
    expected = by_loop(variant, policy, reference, modified, mask, delta, own, beta, alpha, gamma)
    assert loss.tolist() == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("variant", VARIANTS)
def test_its_gradient_is_the_derivative(variant):
    policy, reference, modified, mask = batch(7, pairs=2, tokens=4)
    weights = token_weights(policy, modified, 2.0)
    policy.requires_grad_()

    def loss(logps):
        return preference_loss(variant, logps, reference, weights, weights, mask, 0.3, 0.2, 0.4)

    assert torch.autograd.gradcheck(loss, policy)


def test_a_changed_token_pulls_with_its_weight():
    policy = POLICY.clone().requires_grad_()
    preference_loss("dpo", policy, REFERENCE, WEIGHTS, WEIGHTS, MASK, beta=0.1).sum().backward()
    # dL/dlogp = -β σ(-margin) λ for the chosen, the opposite for the rejected
    pull = 0.1 / (1 + math.exp(0.1 * 5.25 * math.log(2)))
    assert policy.grad.flatten().tolist() == pytest.approx([-pull, -2.25 * pull, pull, 3 * pull])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("padding", [0.0, -math.inf, math.nan])
def test_what_stands_on_padding_does_not_matter(variant, padding):
    policy, reference, modified, mask = batch(1)
    weights = token_weights(policy, modified, 2.0)
    expected = preference_loss(variant, policy, reference, weights, weights, mask, 0.3)
    spoiled = [tensor.masked_fill(~mask, padding) for tensor in (policy, reference)]
    assert preference_loss(variant, *spoiled, weights, weights, mask, 0.3).equal(expected)


def test_orpo_survives_a_response_that_the_policy_is_sure_of():
    sure = torch.zeros(2, 3, requires_grad=True)
    loss = preference_loss("orpo", sure, None, torch.ones(2, 3), None, torch.ones(2, 3), beta=0.1)
    loss.sum().backward()
    assert loss.isfinite().all()
    assert sure.grad.isfinite().all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"variant": "kto"}, "there is no variant 'kto'; there are dpo, ipo"),
        ({"reference_logps": None}, "dpo needs reference_logps; without a reference there are simpo, orpo"),
        ({"policy_logps": POLICY[:1]}, r"must have the shape \(2B, T\)"),
        ({"weights": WEIGHTS[:, :1]}, r"weights must have the shape of policy_logps \(2, 2\), got \(2, 1\)"),
        ({"completion_mask": MASK[:1]}, "completion_mask must have the shape"),
        ({"beta": 0.0}, "beta must be positive, got 0.0"),
        ({"beta": math.nan}, "beta must be positive"),
        ({"alpha": -1.0}, "alpha must be at least 0"),
    ],
)
def test_a_wrong_argument_is_named(change, message):
    given = {
        "variant": "dpo",
        "policy_logps": POLICY,
        "reference_logps": REFERENCE,
        "weights": WEIGHTS,
        "reference_weights": WEIGHTS,
        "completion_mask": MASK,
        "beta": 0.1,
    }
    with pytest.raises(ValueError, match=message):
        preference_loss(**(given | change))


@pytest.mark.parametrize("delta", [0.99, 0, -1, math.nan])
def test_a_cap_below_1_is_refused(delta):
    with pytest.raises(ValueError, match="delta caps 1/p, which is never below 1"):
        token_weights(POLICY, MODIFIED, delta)


def test_weights_and_marks_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match=r"logps \(2, 2\) and modified \(2, 1\)"):
        token_weights(POLICY, MODIFIED[:, :1], 2.0)


def test_whoever_wants_the_loss_needs_torch_alone():
    code = (
        "import sys; from quintain.methods.bmc import token_weights, preference_loss; "
        "heavy = {'kedro', 'mlflow', 'transformers', 'trl', 'great_expectations', 'datasets', 'pandas', 'jinja2', "
        "'rapidfuzz', 'cydifflib'}; print(sorted(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_r_dpo_with_alpha_beta_rounds_as_the_released_code_does():
    # The released code has β (Δ - (n_w - n_l)); near a loss of nothing, another order of rounding is 2e-6 of it.
    generator = torch.Generator().manual_seed(0)
    policy, reference = (-5 * torch.rand(8, 300, generator=generator) for _ in range(2))
    mask = (torch.arange(300) < torch.randint(20, 300, (8, 1), generator=generator)).float()
    ones = torch.ones_like(policy)
    (s_w, s_l), (r_w, r_l), (n_w, n_l) = ((x * mask).sum(1).chunk(2) for x in (policy, reference, ones))
    expected = -torch.nn.functional.logsigmoid(0.1 * ((s_w - r_w) - (s_l - r_l) - (n_w - n_l)))
    assert preference_loss("r_dpo", policy, reference, ones, None, mask, beta=0.1, alpha=0.1).equal(expected)
