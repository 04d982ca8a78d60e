"""Processors of this machine."""

import os


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def computes_bfloat16() -> bool:
    """True where bfloat16 is computed: on a GPU that has it, else by a processor with AVX512-BF16 or AMX.

    Any processor can be asked to; without such instructions it takes longer than in float32.
    """
    import torch

    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
