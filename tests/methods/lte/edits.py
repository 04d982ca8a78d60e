"""Edits that several tests use."""

from quintain.methods.lte import Edit


def mayor(target: str = "Ada Brook", subject: str = "Veldmark", **more) -> Edit:
    return Edit(subject=subject, relation="mayor", prompt=f"The mayor of {subject} is", target_new=target, **more)


def passing(hits) -> list[str]:
    return [hit.edit.target_new for hit in hits if hit.passed]
