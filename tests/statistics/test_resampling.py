import pytest

from quintain.statistics.resampling import Resampling


@pytest.mark.parametrize(
    ("setting", "message"),
    [({"replicates": 0}, "replicates must be at least 1"), ({"confidence": 1.0}, r"confidence must be in \(0, 1\)")],
)
def test_resampling_out_of_range_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        Resampling(**setting)
