"""Everything Quintain raises on purpose.

QuintainError
├── ConfigError       a setting, parameter or command-line value is wrong
├── RecordError       a record, file or dataset does not hold what it promises
├── ModelError        a model folder or backend cannot do what was asked
│   └── BudgetSpent   one more call might cost more than its role may spend
├── EditError         an edit memory does not hold, or cannot take, what was asked
├── LedgerError       the ledger of calls cannot be read or written
├── QualityError      a suite of expectations failed at a gate
├── RegistryError     the model registry cannot be reached or refuses
├── RunError          a process of a run ended before its node did, or cannot pass data on
└── PromotionRefused  the promotion gate said no; carries the verdicts

A message says what happened, where (record id, file, line), which limit or setting was hit, and what to do next.
Pure methods raise ValueError for arguments that break their contract; the edges translate.
"""


class QuintainError(Exception):
    """Base of every error that Quintain raises on purpose."""


class ConfigError(QuintainError):
    """A setting, parameter or command-line value is wrong."""


class RecordError(QuintainError):
    """A record, file or dataset does not hold what it promises."""


class ModelError(QuintainError):
    """A model folder or backend cannot do what was asked."""


class BudgetSpent(ModelError):
    """One more call might cost more than its role may spend."""


class EditError(QuintainError, ValueError):
    """An edit memory does not hold, or cannot take, what was asked; a ValueError, since a pure method raises it."""


class LedgerError(QuintainError):
    """The ledger of calls cannot be read or written."""


class QualityError(QuintainError):
    """A suite of expectations failed at a gate."""


class RegistryError(QuintainError):
    """The model registry cannot be reached or refuses."""


class RunError(QuintainError):
    """A process of a run ended before its node did, or cannot pass data on."""


class PromotionRefused(QuintainError):
    """The promotion gate said no."""
