import pytest

from quintain.models.system_turns import merge_system


def turn(role, content):
    return {"role": role, "content": content}


@pytest.mark.parametrize(
    ("chat", "merged"),
    [
        ([turn("system", "S"), turn("user", "U")], [turn("user", "S\n\nU")]),
        ([turn("user", "U")], [turn("user", "U")]),
        ([turn("system", "S")], [turn("user", "S")]),
        (
            [turn("system", "S"), turn("assistant", "A"), turn("user", "U"), turn("system", "T"), turn("user", "V")],
            [turn("assistant", "A"), turn("user", "S\n\nT\n\nU"), turn("user", "V")],
        ),
    ],
)
def test_system_turns_go_to_the_head_of_the_first_user_turn(chat, merged):
    assert merge_system(chat) == merged
