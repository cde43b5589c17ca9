"""What was written for one catalogue never answers for another."""

from __future__ import annotations

from app.front.kept import Kept
from experiments.catalogue import Catalogue

OLD = Catalogue(revision=1, version="old", campaigns={})
NEW = Catalogue(revision=2, version="new", campaigns={})
KEY = ("gold-q3", "gift", "en")


def test_a_thread_that_is_late_leaves_nothing_in_the_new_catalogue() -> None:
    """It began before the change and writes after it: the new catalogue writes its own."""
    kept: Kept[str] = Kept(10)
    late = kept.of(OLD)
    kept.of(NEW)
    late.put(KEY, "the old offer")
    assert kept.of(NEW).get(KEY) is None


def test_a_catalogue_finds_what_was_written_for_it() -> None:
    """As long as it does not change, nothing is written twice."""
    kept: Kept[str] = Kept(10)
    kept.of(OLD).put(KEY, "the offer")
    assert kept.of(OLD).get(KEY) == "the offer"
