"""The project's pipelines, in the order in which a whole lifecycle runs them."""

import importlib

from kedro.pipeline import Pipeline

LIFECYCLE = ("world", "synthesis", "finetuning", "distillation", "preference", "editing", "evaluation", "registration")
ON_REQUEST = ("ifeval",)
"""Pipelines that need files or settings of an environment of their own."""

left_out: tuple[str, ...] = ()
"""What the environment of this run has no use for, such as the embedded world; see `lifecycle`. A student that nobody
trains is not evaluated or registered either."""

rounds = 3
"""Rounds of distillation, from `distillation.rounds`; each is a namespace with a student of its own."""


def register_pipelines() -> dict[str, Pipeline]:
    """Map names to pipelines; `__default__` is the whole lifecycle, without those that run on request only.

    Every pipeline is always there, whatever the run asks for, so that Kedro can answer a misspelt name with the close
    ones.
    """
    pipelines = {
        name: importlib.import_module(f"quintain.pipelines.{name}").create_pipeline(rounds=rounds, without=left_out)
        for name in (*LIFECYCLE, *ON_REQUEST)
    }
    whole = [pipelines[name] for name in LIFECYCLE if name not in left_out]
    return {**pipelines, "__default__": sum(whole, Pipeline([]))}
