"""Measures the evaluator in-process beside other libraries, and beside one rule and one hash.

``python bench/evaluation.py [--peers DIR] [--rounds N] [--evaluations N] [--json FILE]``. The
libraries come from an environment of their own, made once, with the Python that runs this:

    python -m venv DIR && DIR/bin/pip install -r bench/peers.txt

Rates are per second of processor time of one thread, which other work on the machine changes
little; a ratio is taken within a round, and its median stands.
"""

from __future__ import annotations

import argparse
import json
import site
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import thread_time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import machine
from measurement import Result, Subject, measure
from peers import KEY, PEERS, TIERS, VARIANTS

from experiments.assignment import assign
from experiments.bucketing import md5, shard
from experiments.campaign import Campaign, CampaignDesign, Phase, State
from experiments.catalogue import Catalogue, compile_catalogue
from experiments.layer import SlotRange
from experiments.member import Member
from experiments.programme import Programme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
OURS: Final = "Tierlift"
FLOOR: Final = "one rule and one hash, in one function"
ALONE: Final = "one campaign of 1"
RATE_BAR: Final = 430_000
PEER_BAR: Final = 3.0
SIZES: Final = (10, 1_000)
AT_ONCE: Final = 50


def main() -> None:
    """Measure three tables and print them."""
    asked = _arguments()
    if asked.peers is not None:
        for found in asked.peers.glob("lib/python*/site-packages"):
            site.addsitedir(str(found))
    described = machine.describe("none")
    print(*(f"{name:<16} {value}" for name, value in described.items()), sep="\n", flush=True)
    measured = {
        "one campaign, one rule, half and half": against_peers,
        "the same campaign among others": growth,
        f"{AT_ONCE} campaigns for each member, with a holdout": together,
    }
    results = {}
    for title, table in measured.items():
        results[title] = table(asked.rounds, asked.evaluations)
        print(*_lines(title, results[title]), sep="\n", flush=True)
    if asked.json:
        tables = {title: [one.to_json() for one in some] for title, some in results.items()}
        document = {"machine": described, "rounds": asked.rounds, "results": tables}
        asked.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peers", type=Path, help="an environment with bench/peers.txt in it")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--evaluations", type=int, default=20_000, help="in a round")
    parser.add_argument("--json", type=Path, help="where to write every figure")
    return parser.parse_args()


def against_peers(rounds: int, evaluations: int) -> list[Result]:
    """Give the rates of the evaluator, of every library that is there, and of the floor.

    Raises:
        RuntimeError: A library does not make the decision that it is measured with.
    """
    people = [(f"m-{i}", TIERS[i % len(TIERS)]) for i in range(evaluations)]
    members = [_member(*person) for person in people]
    campaign = _catalogue(1).campaigns[KEY]
    peers: list[Subject] = []
    fastest_first: list[str] = []
    for peer in PEERS:
        try:
            prepare, decide = peer.make()
        except ImportError as error:
            print(f"not measured, since it cannot be imported: {peer.name} ({error})")
            continue
        _check(
            peer.name, (decide(prepare(*person)) for person in people), decide(prepare("m", "x"))
        )
        name = f"{peer.name} (compiled)" if peer.compiled else peer.name
        peers.append(Subject(name, _rate(decide, [prepare(*person) for person in people])))
        if not peer.compiled:
            fastest_first.append(name)
    ours = Subject(
        OURS,
        _rate(lambda member: assign(campaign, member, NOW), members),
        limits=(FLOOR, *(peer.name for peer in peers)),
    )
    floor = Subject(FLOOR, _rate(_least, members))
    results = measure([floor, ours, *peers], unit="evaluations/s", rounds=rounds)
    _judge(results, fastest_first)
    return results


def growth(rounds: int, evaluations: int) -> list[Result]:
    """Give the rate of asking one campaign of a catalogue of ever more running ones."""
    members = [_member(f"m-{i}", TIERS[0]) for i in range(evaluations)]

    def asking(size: int, *, layer: bool = False) -> Callable[[int], float]:
        campaigns = _catalogue(size, layer=layer).campaigns
        return _rate(lambda member: assign(campaigns[KEY], member, NOW), members)

    subjects = [Subject(ALONE, asking(1))]
    subjects += [Subject(f"one campaign of {n:,}", asking(n), (ALONE,)) for n in SIZES]
    few, many = (f"one campaign of {n:,} in one layer" for n in SIZES)
    subjects.append(Subject(few, asking(SIZES[0], layer=True)))
    subjects.append(Subject(many, asking(SIZES[1], layer=True), (few,)))
    return measure(subjects, unit="evaluations/s", rounds=rounds)


def together(rounds: int, evaluations: int) -> list[Result]:
    """Give the rate of asking many campaigns about one member, beside asking one of them."""
    members = [_member(f"m-{i}", TIERS[0]) for i in range(evaluations // AT_ONCE)]
    served = _catalogue(AT_ONCE, holdout_share=5).served

    def every(member: Member) -> None:
        for campaign in served:
            assign(campaign, member, NOW)

    def sharing(member: Member) -> None:
        slot_of = cache(shard)
        for campaign in served:
            assign(campaign, member, NOW, slot_of=slot_of)

    one = Subject(
        "one campaign", _rate(lambda member: assign(served[0], member, NOW), members * AT_ONCE)
    )
    subjects = [one, Subject("one by one", _rate(every, members, AT_ONCE), (one.name,))]
    subjects.append(Subject("sharing slots", _rate(sharing, members, AT_ONCE), (one.name,)))
    return measure(subjects, unit="evaluations/s", rounds=rounds)


def _least(member: Member) -> str | None:
    """Decide with nothing but a rule and a hash: no state, window, consent, unit, reason."""
    if member.attributes.get("tier") not in TIERS:
        return None
    digest = md5(f"gold-q3:1:split-{member.member_id}".encode()).digest()
    return VARIANTS[int.from_bytes(digest[:4], "big") % 10_000 >= 5_000]  # noqa: PLR2004  # the split


def _rate(
    decide: Callable[[Any], object], prepared: Sequence[object], evaluations: int = 1
) -> Callable[[int], float]:
    """Give what measures a round: evaluations a second of processor time, so many a decision."""

    def run(_round: int) -> float:
        began = thread_time()
        for one in prepared:
            decide(one)
        return evaluations * len(prepared) / (thread_time() - began)

    return run


def _check(name: str, decided: Iterable[str | None], outsider: str | None) -> None:
    """Refuse a library that does not split in halves, or lets in whom the rule keeps out."""
    counts = Counter(decided)
    fewest = min(counts[variant] for variant in VARIANTS)
    if set(counts) != set(VARIANTS) or fewest < 0.45 * counts.total() or outsider in VARIANTS:
        message = f"{name} decides something else: {dict(counts)}, outside of the rule {outsider}"
        raise RuntimeError(message)


def _judge(results: Sequence[Result], pure: Sequence[str]) -> None:
    """Say whether the bars are met."""
    by_name = {result.name: result for result in results}
    ours = by_name[OURS]
    rate = median(ours.rates)
    print(f"\nbar: {RATE_BAR:,} a second: {rate:,.0f}, {'met' if rate >= RATE_BAR else 'NOT MET'}")
    if pure:
        fastest = max(pure, key=lambda name: median(by_name[name].rates))
        times = median(ours.ratios[fastest])
        verdict = "met" if times >= PEER_BAR else "NOT MET"
        print(f"bar: {PEER_BAR} times {fastest}, the fastest in Python: {times:.1f}, {verdict}")


def _member(member_id: str, tier: str) -> Member:
    return Member(member_id, MappingProxyType({"tier": tier, "spend_minor": 120_000}))


def _catalogue(size: int, *, layer: bool = False, holdout_share: float = 0) -> Catalogue:
    """Give a catalogue of running campaigns, the first of which is KEY.

    In a layer it holds a tenth, and the others hold the rest together.
    """
    programme = Programme.model_validate(
        {
            "name": "Bench",
            "time_zone": "UTC",
            "currency": "EUR",
            "locales": ["en"],
            "tiers": [{"key": key} for key in ("bronze", *TIERS)],
            "layers": [{"key": "home"}],
            "holdout_share": holdout_share,
        }
    )
    cuts = [i * 9_000 // max(size - 1, 1) for i in range(size)]
    rest = [SlotRange(start, end) for start, end in pairwise(cuts)]
    running = [
        _running(number, held if layer else None)
        for number, held in enumerate((SlotRange(9_000, 10_000), *rest))
    ]
    return compile_catalogue(programme, running, revision=1)


def _running(number: int, held: SlotRange | None) -> Campaign:
    rule = {"attribute": "tier", "operator": "ONE_OF", "value": list(TIERS)}
    design = CampaignDesign.model_validate(
        {
            "key": f"c-{number}" if number else KEY,
            "variants": [{"key": variant, "planned_share": 50} for variant in VARIANTS],
            "audience": {"any_of": [{"all_of": [rule]}]},
            "layer": {"key": "home", "share": (held.end - held.start) / 100} if held else None,
            "ends_at": NOW + timedelta(days=30),
        }
    )
    phase = Phase(1, design, NOW - timedelta(days=30), layer_ranges=(held,) if held else ())
    return Campaign(design, State.RUNNING, created_at=NOW, updated_at=NOW, phases=(phase,))


def _lines(title: str, results: Sequence[Result]) -> Iterator[str]:
    """Give a table as lines that keep their form in a file."""
    yield f"\n{title}"
    for result in results:
        yield f"  {result.name:<44} {median(result.rates):>12,.0f} {result.unit}"
        for limit, ratios in result.ratios.items():
            shares = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            yield f"      {shares} of: {limit}"


if __name__ == "__main__":
    main()
