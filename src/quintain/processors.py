"""Processors of this machine."""

import os
from collections.abc import Mapping

ONE_BY_ONE = "nodes run one after the other, up to twice as long as two at a time"
"""What one core, or memory for one process, means for a run."""
_NARROW = ("default", "avx2")
"""Values of ATEN_CPU_CAPABILITY, by which torch leaves wider units of a processor alone."""
_BFLOAT16_UNITS = ("amx_bf16", "avx512_bf16", "bf16")
"""Units of x86 processors, and of ARM's, that multiply bfloat16."""


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def computes_bfloat16(device: str = "") -> bool:
    """True where bfloat16 is computed: on a GPU that has it, else by a processor with AMX, AVX512-BF16 or ARM's BF16.

    Any processor can be asked to; without such instructions it takes longer than in float32. torch's own variable
    ATEN_CPU_CAPABILITY is followed.

    Args:
        device: Torch device; by default a GPU where there is one.

    Returns:
        True where it is worth it.
    """
    import torch

    if device.startswith("cuda") or (not device and torch.cuda.is_available()):
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if os.environ.get("ATEN_CPU_CAPABILITY", "").lower() in _NARROW:
        return False
    # Older versions of torch do not tell.
    units: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return device in ("", "cpu") and any(units.get(unit) for unit in _BFLOAT16_UNITS)
