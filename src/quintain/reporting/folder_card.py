"""The card of a model folder that no registry knows: what it is, and that nothing here measured it."""

from quintain.reporting.model_card import with_transformers


def folder_card(
    name: str, *, digest: str, start: str = "", licence: str = "", merged: bool = False, loading: str = ""
) -> str:
    """Write the card.

    Args:
        name: Name of the folder.
        digest: SHA-256 of the model that was exported.
        start: Where it was imported from; empty: unknown.
        licence: Licence that it states; empty: none.
        merged: Whether the files beside the card are an adapter merged into its base.
        loading: How to load them, in Markdown; with transformers when empty.

    Returns:
        Markdown, behind the YAML header that the Hugging Face hub reads.
    """
    from huggingface_hub import ModelCardData

    header = ModelCardData(
        license="other",
        license_name=licence or "not-stated",
        library_name="transformers",
        pipeline_tag="text-generation",
        tags=["quintain"],
        model_name=name,
    ).to_yaml()
    parts = [
        f"---\n{header}\n---",
        f"# {name}",
        f"A language model, exported by Quintain from a folder with digest `{digest}`"
        f"{f', which was imported from {start}' if start else ''}."
        + (" The adapter is merged into its base here." if merged else ""),
        "## How to load",
        f"With the files beside this card:\n\n{loading or with_transformers()}",
        "## Scorecard",
        "None: it is no version of a registry, so nothing is known of how it was made or what it scores.",
        "## Limits",
        f"- Licence: {licence or 'not stated; find out before you use the model'}.",
    ]
    return "\n\n".join(parts) + "\n"
