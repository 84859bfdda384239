import pytest
from buggy import moving_average


@pytest.mark.parametrize(('values', 'width', 'expected'), [
    ([], 2, []),
    ([1, 2, 3], 1, [1, 2, 3]),
    ([1, 2, 3, 4], 2, [1.5, 2.5, 3.5]),
    ([2, 4, 6], 3, [4]),
    ([1, 2], 3, []),
])
def test_moving_average(values, width, expected):
    assert moving_average(values, width) == pytest.approx(expected)
