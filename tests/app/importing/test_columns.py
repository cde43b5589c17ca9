"""Columns are understood, or refused all at once, before anything is stored."""

from __future__ import annotations

import pytest

from app.importing.columns import ImportKind, arrange_columns
from experiments.errors import InvalidValues

EXPOSURE_COLUMNS = ("exposure_id", "campaign", "variant", "member_id", "exposed_at")


def test_other_columns_of_members_become_attributes() -> None:
    """Every column but the id and the consent is an attribute, in its place."""
    columns = arrange_columns(
        ImportKind.MEMBERS, ["tier", "member_id", "personalisation_consent", "city"]
    )
    assert columns.named == {"member_id": 1, "personalisation_consent": 2}
    assert columns.others == {"tier": 0, "city": 3}
    assert columns.ignored == ()


def test_other_columns_of_exposures_are_named_as_ignored() -> None:
    """An exposure has nowhere to keep more, and the summary says so."""
    columns = arrange_columns(ImportKind.EXPOSURES, [*EXPOSURE_COLUMNS, "channel"])
    assert columns.others == {}
    assert columns.ignored == ("channel",)


def test_their_names_can_be_read_as_ours() -> None:
    """A renamed column is what its new name says."""
    columns = arrange_columns(
        ImportKind.MEMBERS, ["customer", "t"], {"customer": "member_id", "t": "tier"}
    )
    assert columns.named == {"member_id": 0}
    assert columns.others == {"tier": 1}


def test_columns_of_a_quarantine_file_are_left_out() -> None:
    """A corrected quarantine file can be imported as it is."""
    columns = arrange_columns(
        ImportKind.MEMBERS,
        ["member_id", "quarantine_line", "quarantine_reason", "quarantine_text"],
    )
    assert columns.others == {}


@pytest.mark.parametrize(
    ("kind", "found", "renamed", "words"),
    [
        (ImportKind.MEMBERS, ["id", "tier"], {}, "lack member_id"),
        (ImportKind.MEMBERS, ["id", "tier"], {}, "The file has: id, tier. Name theirs with --map"),
        (ImportKind.EXPOSURES, ["exposure_id"], {}, "lack campaign, variant, member_id and exp"),
        (ImportKind.MEMBERS, ["member_id;tier"], {}, "--delimiter ';'"),
        (ImportKind.MEMBERS, ["member_id\ttier"], {}, "--delimiter tab"),
        (ImportKind.MEMBERS, ["member_id", "a", "a"], {}, "stands more than once"),
        (ImportKind.MEMBERS, ["member_id", ""], {}, "column 2: has no name"),
        (ImportKind.MEMBERS, ["member_id", " tier"], {}, "begins or ends with a space"),
        (ImportKind.MEMBERS, ["member_id"], {"nr": "member_id"}, "'nr' that the file does not"),
        (ImportKind.MEMBERS, ["member_id", "nr"], {"nr": "member_id"}, "more than once"),
        (
            ImportKind.CONVERSIONS,
            ["conversion_id", "member_id", "event", "occurred_at", "amount_minor"],
            {},
            "amount_minor: is not read from files",
        ),
        (
            ImportKind.CONVERSIONS,
            ["conversion_id", "member_id", "event", "occurred_at", "amount"],
            {},
            "have amount but lack currency",
        ),
    ],
)
def test_columns_that_cannot_be_used_are_refused(
    kind: ImportKind, found: list[str], renamed: dict[str, str], words: str
) -> None:
    """The error names what is missing, what the file has, and what would do."""
    with pytest.raises(InvalidValues) as refused:
        arrange_columns(kind, found, renamed)
    assert words in str(refused.value)
