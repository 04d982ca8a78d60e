"""Check of everything in conf/ before anything runs: names, types and ranges, each fault with its file and line."""

from quintain.configuration.check import check_configuration, layers_of

__all__ = ["check_configuration", "layers_of"]
