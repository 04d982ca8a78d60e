"""What the tests of pairs share."""

from quintain.records import TokenizedPair

ORACLE = {"backend": "oracle", "world": "world.json"}
ROLES = {"bridger": ORACLE, "judge": ORACLE, "student": {"backend": "local"}}
START = "lion"


def row_of(number, distance=0.4, original=0.5):
    return TokenizedPair(
        pair_id=f"{number:016x}", prompt_ids=(1, number), chosen_ids=(2,), rejected_ids=(3,), chosen_modified=(1,),
        rejected_modified=(1,), edit_distance=distance, original_distance=original,
    )  # fmt: skip
