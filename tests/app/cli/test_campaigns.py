"""`tierlift campaign` takes the documents of the API and tells what came of each move."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.cli.documents import read_document
from app.document_text import document_yaml
from experiments.campaign import LEGAL, CampaignDesign, State
from tests.experiments.designs import DESIGN, PROGRAMME, design

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.cli.conftest import Run


def written(folder: Path, document: object, name: str = "changed.json") -> str:
    """Write a document as JSON and give its name."""
    (folder / name).write_text(json.dumps(document), "utf-8")
    return name


def changed(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # fields of a document
    """Give the document of the campaign with some fields changed."""
    return {**deepcopy(DESIGN), **changes}


def state(run: Run) -> str:
    """Give the campaign's state."""
    found: str = json.loads(run("campaign", "show", "gold-q3", "--json").stdout)["state"]
    return found


def test_a_campaign_lives_its_life(run_on_each: Run, documents: Path) -> None:
    """From a document through every state to the archive, each move told and remembered."""
    run = run_on_each
    assert documents.is_dir()
    assert run("programme", "set", "programme.yaml").exit_code == 0
    assert run("campaign", "create", "campaign.yaml").stdout == "Campaign gold-q3 is a draft.\n"
    for words, expected in (
        (["launch", "gold-q3", "--allow-unseen-events"], "is running, phase 1 since "),
        (["pause", "gold-q3", "--reason", "a fault in the shop"], "is paused, phase 1"),
        (["resume", "gold-q3"], "is running"),
        (["stop", "gold-q3"], "is stopped"),
        (["decide", "gold-q3", "--ship", "gift", "--reason", "it climbs"], "is decided"),
        (["archive", "gold-q3"], "is archived"),
    ):
        done = run("campaign", *words)
        assert done.exit_code == 0, done.stderr
        assert expected in done.stdout
    moves = json.loads(run("campaign", "history", "gold-q3", "--json").stdout)
    assert [move["move"] for move in moves] == [
        "create", "launch", "pause", "resume", "stop", "decide", "archive",
    ]  # fmt: skip
    assert moves[2]["reason"] == "a fault in the shop"
    assert moves[5]["detail"]["decision"] == "ship"
    assert moves[5]["detail"]["treatment"] == "gift"
    assert moves[5]["detail"]["against_rule"] is True
    assert all(move["actor"].startswith("command line") for move in moves)
    assert "a fault in the shop" in run("campaign", "history", "gold-q3").stdout


def test_every_move_has_a_command() -> None:
    """What a campaign can do can be done at the command line."""
    from app.cli.campaigns import command  # noqa: PLC0415  # commands are loaded when called

    assert {move for moves in LEGAL.values() for move in moves} <= set(command.commands)


def test_a_scheduled_campaign_can_be_taken_back(run: Run, documents: Path) -> None:
    """A start that lies ahead is told, and unschedule makes a draft again."""
    run("programme", "set", "programme.yaml")
    later = written(documents, changed(starts_at="2126-01-01T00:00:00+08:00"))
    run("campaign", "create", later)
    launched = run("campaign", "launch", "gold-q3", "--allow-unseen-events")
    assert "is scheduled, phase 1 starts 2125-12-31 16:00:00Z." in launched.stdout
    assert run("campaign", "unschedule", "gold-q3").exit_code == 0
    assert state(run) == State.DRAFT


def test_documents_come_as_json_yaml_and_standard_input(run: Run, folder: Path) -> None:
    """The same campaign in each form is the same campaign."""
    shown = []
    for number, (name, content) in enumerate(
        [
            ("a.json", json.dumps(DESIGN)),
            ("a.yaml", yaml.safe_dump(DESIGN, allow_unicode=True)),
            ("-", json.dumps(DESIGN)),
            ("-", yaml.safe_dump(DESIGN, allow_unicode=True)),
        ]
    ):
        content = content.replace("gold-q3", f"gold-{number}")  # noqa: PLW2901  # each its own key
        if name != "-":
            (folder / name).write_text(content, "utf-8")
        done = run("campaign", "create", name, given=content if name == "-" else None)
        assert done.exit_code == 0, done.stderr
        found = json.loads(run("campaign", "show", f"gold-{number}", "--json").stdout)["document"]
        shown.append({**found, "key": ""})
    assert all(document == shown[0] for document in shown)


def test_a_shown_document_can_be_put_back(run: Run, documents: Path) -> None:
    """What `show` prints is what `update` takes; nothing changes by it."""
    run("programme", "set", "programme.yaml")
    run("campaign", "create", "campaign.yaml")
    run("campaign", "launch", "gold-q3", "--allow-unseen-events")
    before = json.loads(run("campaign", "show", "gold-q3", "--json").stdout)["document"]
    shown = run("campaign", "show", "gold-q3").stdout
    assert shown.startswith("# Campaign gold-q3 is running, phase 1 since ")
    (documents / "shown.yaml").write_text(shown, "utf-8")
    assert run("campaign", "update", "gold-q3", "shown.yaml").exit_code == 0
    after = json.loads(run("campaign", "show", "gold-q3", "--json").stdout)["document"]
    assert after == before


def test_a_shown_programme_can_be_put_back(run: Run, documents: Path) -> None:
    """What `programme show` prints is what `programme set` takes."""
    run("programme", "set", "programme.yaml")
    before = json.loads(run("programme", "show", "--json").stdout)
    (documents / "shown.yaml").write_text(run("programme", "show").stdout, "utf-8")
    assert run("programme", "set", "shown.yaml").exit_code == 0
    assert json.loads(run("programme", "show", "--json").stdout) == before


@given(
    name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
    | st.sampled_from(["1e5", "no", "12:30", "0x1f", "2026-07-01", "null", "~", "- a", "-1.5E+3"])
)
def test_a_document_survives_yaml(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Whatever a field says, it is read as it was written: text stays text."""
    made = design(name=name, hypothesis=name, owner=name)
    path = tmp_path_factory.mktemp("yaml") / "campaign.yaml"
    path.write_text(document_yaml(made), "utf-8")
    assert read_document(str(path), CampaignDesign) == made


def test_a_running_campaign_changes_only_where_that_is_safe(run: Run, documents: Path) -> None:
    """Other changes need a new phase, which the option starts."""
    run("programme", "set", "programme.yaml")
    run("campaign", "create", written(documents, changed(traffic_share=50)))
    run("campaign", "launch", "gold-q3", "--allow-unseen-events")
    safe = run("campaign", "update", "gold-q3", written(documents, changed(traffic_share=80)))
    assert safe.exit_code == 0, safe.stderr
    shares = deepcopy(DESIGN["variants"])
    shares[0]["planned_share"], shares[1]["planned_share"] = 40, 60
    unsafe = written(documents, changed(traffic_share=80, variants=shares))
    refused = run("campaign", "update", "gold-q3", unsafe)
    assert refused.exit_code == 1
    assert "variants" in refused.stderr
    assert "Nothing was stored." in refused.stderr
    done = run("campaign", "update", "gold-q3", unsafe, "--new-phase")
    assert "is running, phase 2 since" in done.stdout


def test_campaigns_are_listed(run: Run, documents: Path) -> None:
    """With state, phase, start, variants and name; an empty list says what to do."""
    empty = run("campaign", "list")
    assert (empty.stdout, empty.exit_code) == ("", 0)
    assert "tierlift campaign create FILE" in empty.stderr
    name = "A [bold]name[/bold] \x1b[31mthat is not red"
    run("campaign", "create", written(documents, changed(name=name)))
    listed = run("campaign", "list").stdout
    assert "gold-q3" in listed
    assert "control gift" in listed
    assert "A [bold]name[/bold] \\x1b[31mthat is not red" in listed  # as text, not as orders
    assert "\x1b" not in listed
    assert [one["key"] for one in json.loads(run("campaign", "list", "--json").stdout)] == [
        "gold-q3"
    ]


def variants(*shares: float | str) -> list[dict[str, Any]]:
    """Give variants with these shares, the first of which is control."""
    keys = ["control", "b", "c", "d"]
    return [{"key": key, "planned_share": share} for key, share in zip(keys, shares, strict=False)]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"variants": variants(50, 49.99)}, "variants", "99.99"),
        ({"variants": variants(50, 50.01)}, "variants", "100.01"),
        (
            {"variants": [{"key": "control", "planned_share": 50}] * 2},
            "variants",
            "more than once",
        ),
        (
            {"variants": [{"key": "a", "planned_share": 50}, {"key": "b", "planned_share": 50}]},
            "variants",
            "control",
        ),
        ({"key": "gold q3"}, "key", "match"),
        ({"traffic_share": "many"}, "traffic_share", "decimal"),
        ({"colour": "red"}, "colour", "is not a field that this document knows (got 'red')"),
        ({"starts_at": "tomorrow"}, "starts_at", "like 2026-07-01T00:00:00+08:00"),
    ],
)
def test_a_faulty_document_is_refused_at_its_field(
    run: Run, folder: Path, changes: dict[str, Any], field: str, words: str
) -> None:
    """Each problem is one line: the field, what is wrong, what came, what would do."""
    done = run("campaign", "create", written(folder, changed(**changes)))
    assert done.exit_code == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith(f"Error: {field}")]
    assert any(words in line for line in lines), done.stderr
    assert done.stderr.endswith("Nothing was stored.\n")
    assert run("campaign", "list", "--json").stdout == "[]\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.json", b'{"key": }', "a.json is not valid JSON at line 1, column"),
        ("a.json", b'{"key": "a", "key": "b"}', "names the field 'key' twice"),
        ("a.yaml", b"key: [", "a.yaml is not valid YAML at line"),
        ("a.yaml", b"key: a\nkey: b\n", "the field 'key' stands twice"),
        ("a.yaml", b"key: \xff", "byte 0xff is not UTF-8"),
        ("a.yaml", b"", "a.yaml is not valid YAML: it is empty"),
        ("a.yaml", b"just words", "(document)"),
    ],
)
def test_a_malformed_document_is_told_with_its_place(
    run: Run, folder: Path, name: str, content: bytes, words: str
) -> None:
    """The file, the line and the column are named; nothing is guessed at."""
    (folder / name).write_bytes(content)
    done = run("campaign", "create", name)
    assert done.exit_code == 1
    assert words in done.stderr


def test_a_launch_that_lacks_something_names_it(run: Run, documents: Path) -> None:
    """Without a programme, and without an OEC, a campaign stays a draft."""
    run("campaign", "create", written(documents, changed(metrics=[])))
    without_programme = run("campaign", "launch", "gold-q3")
    assert without_programme.exit_code == 1
    assert "programme" in without_programme.stderr
    run("programme", "set", written(documents, PROGRAMME, "programme.json"))
    without_oec = run("campaign", "launch", "gold-q3")
    assert without_oec.exit_code == 1
    assert "oec" in without_oec.stderr
    assert state(run) == State.DRAFT


def test_a_launch_without_any_event_names_the_flag(run: Run, documents: Path) -> None:
    """The refusal names the metric, its events and the way out, which is then taken."""
    assert documents.is_dir()
    run("programme", "set", "programme.yaml")
    run("campaign", "create", "campaign.yaml")
    refused = run("campaign", "launch", "gold-q3")
    assert refused.exit_code == 1
    for words in ("repurchase_rate", "seen here: order", "--allow-unseen-events"):
        assert words in refused.stderr
    assert state(run) == State.DRAFT
    assert run("campaign", "launch", "gold-q3", "--allow-unseen-events").exit_code == 0


def test_an_illegal_move_names_the_legal_ones(run: Run, documents: Path) -> None:
    """The state, the move and what can be done instead."""
    assert documents.is_dir()
    run("campaign", "create", "campaign.yaml")
    done = run("campaign", "pause", "gold-q3")
    assert done.exit_code == 1
    assert "is draft, so it cannot pause. Moves it can make: launch, archive." in done.stderr


@pytest.mark.parametrize("words", ["show", "launch", "pause", "stop", "history"])
def test_an_unknown_campaign_is_told_with_those_there_are(
    run: Run, documents: Path, words: str
) -> None:
    """The error names the key that came and the known ones."""
    assert documents.is_dir()
    run("campaign", "create", "campaign.yaml")
    done = run("campaign", words, "gold-q4")
    assert done.exit_code == 1
    assert "There is no campaign 'gold-q4'; known: gold-q3." in done.stderr


def test_a_key_cannot_be_taken_twice(run: Run, documents: Path) -> None:
    """The second campaign of the same key is refused; the first one stays."""
    assert documents.is_dir()
    run("campaign", "create", "campaign.yaml")
    again = run("campaign", "create", "campaign.yaml")
    assert again.exit_code == 1
    assert "A campaign 'gold-q3' exists already" in again.stderr


def test_a_programme_that_makes_no_sense_is_refused(run: Run, folder: Path) -> None:
    """Every fault at its field, and the programme before stays."""
    bad = {**PROGRAMME, "time_zone": "Asia/Nowhere", "currency": "XXX"}
    done = run("programme", "set", written(folder, bad))
    assert done.exit_code == 1
    assert "time_zone" in done.stderr
    assert "currency" in done.stderr
    none = run("programme", "show")
    assert none.exit_code == 1
    assert "tierlift programme set FILE" in none.stderr


def test_an_audience_is_counted_and_an_empty_one_is_not_launched(run: Run, documents: Path) -> None:
    """The table names rules, tiers and overlaps; the launch names the way out, which is a flag."""
    assert documents.is_dir()
    assert run("programme", "set", "programme.yaml").exit_code == 0
    silver = [{"all_of": [{"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]}]}]
    run("campaign", "create", written(documents, changed(audience={"any_of": silver})))
    assert "No members are kept here" in run("campaign", "audience", "gold-q3").stderr
    (documents / "members.csv").write_text("member_id,tier\na,bronze\nb,bronze\n", "utf-8")
    assert run("import", "members", "members.csv").exit_code == 0

    told = run("campaign", "audience", "gold-q3").stdout
    counted = json.loads(run("campaign", "audience", "gold-q3", "--json").stdout)
    launch = ("campaign", "launch", "gold-q3", "--allow-unseen-events")
    refused = run(*launch)

    assert "refused by a rule: tier ONE_OF [silver]" in told
    assert (counted["members"], counted["eligible"]) == (2, 0)
    assert refused.exit_code != 0
    assert "--allow-empty-audience" in refused.stderr
    assert state(run) == "draft"
    assert run(*launch, "--allow-empty-audience").exit_code == 0
    assert state(run) == "running"
