from quintain.benchmarks.exact.proofs import proofs
from quintain.packs.checks import base_task_done, check


def test_every_proof_is_what_it_says():
    written = proofs(4, seed=3)
    assert len(written) == 24
    for proof in written:
        assert tuple(check(rule, proof.response).holds for rule in proof.item.rules) == proof.satisfied
        assert base_task_done(proof.response, proof.item.target)


def test_witnesses_and_mutants_take_turns_and_bring_their_path():
    written = proofs(4, seed=3)
    assert [all(proof.satisfied) for proof in written[:4]] == [True, False, True, False]
    assert all(len(proof.item.path) == proof.item.level for proof in written)
    assert proofs(4, seed=3) == written
