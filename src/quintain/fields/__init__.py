"""Types and ranges of settings: they stand once, in the annotation of a field, and one reader finds what breaks them.

```python
@dataclass(frozen=True)
class Draws:
    count: Count                       # a whole number from 1
    temperature: NotNegative = 0.0     # a finite number from 0
    share: Share = 0.5                 # in [0, 1]

    def __post_init__(self) -> None:
        check(self)
```
"""

from quintain.fields.marks import Names, PartOf, Tagged
from quintain.fields.ranges import Count, Natural, NotNegative, Positive, Seed, Share
from quintain.fields.reader import Fault, Path, blamed, check, faults, not_finite
from quintain.fields.type_hints import hints, required

__all__ = [
    "Count",
    "Fault",
    "Names",
    "Natural",
    "NotNegative",
    "PartOf",
    "Path",
    "Positive",
    "Seed",
    "Share",
    "Tagged",
    "blamed",
    "check",
    "faults",
    "hints",
    "not_finite",
    "required",
]
