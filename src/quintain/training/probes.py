"""Probes of a student's knowledge: bare questions, greedy answers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_BATCH = 128
_MOST_NEW_TOKENS = 14


def recall(model: Any, tokenizer: "PreTrainedTokenizerBase", questions: Sequence[tuple[str, str]]) -> float:
    """Share of questions whose value stands in the first sentence of the greedy continuation.

    Args:
        model: The student.
        tokenizer: Its tokenizer, padding on the left.
        questions: Text to continue, and the value it should name.

    Returns:
        A share, 0-1.
    """
    import torch

    model.eval()
    right = 0
    for start in range(0, len(questions), _BATCH):
        batch = questions[start : start + _BATCH]
        inputs = tokenizer(
            [f"{tokenizer.bos_token}{text}" for text, _ in batch],
            add_special_tokens=False,
            padding=True,
            return_tensors="pt",
        )
        with torch.inference_mode():
            rows = model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                max_new_tokens=_MOST_NEW_TOKENS,
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
            )
        answers = tokenizer.batch_decode(rows[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        right += sum(value in answer.split(".")[0].split() for (_, value), answer in zip(batch, answers, strict=True))
    return right / len(questions)
