"""The gate lets through what together is not too much."""

from __future__ import annotations

import pytest

from app.gate import Gate
from experiments.errors import Overloaded


def test_what_together_is_too_much_is_refused() -> None:
    """Whoever would go past the limit is refused at once, and nothing of it counts."""
    gate = Gate(100)
    with gate.passing(60):
        with gate.passing(40):
            assert gate.inside_bytes == 100
        with pytest.raises(Overloaded), gate.passing(41):
            pytest.fail("it was let in")
        assert gate.inside_bytes == 60
    assert gate.inside_bytes == 0


def test_something_alone_is_never_too_much() -> None:
    """Else a limit that was set too low would refuse it for ever."""
    gate = Gate(100)
    with gate.passing(1_000):
        assert gate.inside_bytes == 1_000
        with pytest.raises(Overloaded), gate.passing(1):
            pytest.fail("it was let in")


def test_a_fault_inside_leaves_nothing_behind() -> None:
    """A gate that forgot a failed request would close for ever."""
    gate = Gate(100)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.passing(60):
            _ = 1 / 0
    assert gate.inside_bytes == 0
