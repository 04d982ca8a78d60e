from quintain.almanac.checks import check
from quintain.almanac.mutants import proofs


def test_every_proof_is_what_it_says_in_all_categories_and_levels(small_world):
    written = proofs(small_world, 10, seed=1)
    assert {proof.item.category for proof in written} == {"content", "situation", "style", "format", "example", "mixed"}
    assert {proof.item.level for proof in written} == {1, 2, 3, 4, 5}
    for proof in written:
        judged = check(small_world, proof.item, proof.response)
        assert judged.satisfied == proof.satisfied
        assert judged.base_task
    assert {sum(not verdict for verdict in proof.satisfied) for proof in written} == {0, 1}
