"""What was planted is found, and what is broken is noticed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.analysis import scorecard_of
from app.demonstration import campaigns
from stats.checks.finding import FindingCode, Severity
from stats.inference.outcome import Estimate
from tests.app.demonstration.conftest import PLAN, loaded_into

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from app.demonstration.loading import Loaded
    from stats.scorecard import Scorecard

LATER = PLAN.end + timedelta(hours=9)
STANDARD_ERRORS = 4.0
"""Of the planted value: one in 16,000 estimates lies farther off, and there are 12 of them here."""

TRUE_NAMES = {
    "upgrade_conversion": "upgrade_rate",
    "repurchase_rate": "repurchase_rate",
    "purchase_frequency": "orders_per_member",
    "reward_cost": "reward_cost_per_member_minor",
}


def scorecard(engine: Engine, key: str) -> Scorecard:
    """Compute the scorecard of a campaign some hours after the history's end."""
    return scorecard_of(engine, key, now=LATER).scorecard


def true_values(loaded: Loaded, key: str) -> dict[str, dict[str, Any]]:
    """Give the true values of a campaign by variant."""
    campaign = next(one for one in loaded.truth["campaigns"] if one["campaign"] == key)
    return {values["variant"]: values for values in campaign["true_values"]}


def check_truth(engine: Engine, loaded: Loaded, key: str) -> int:
    """Compare every estimate that has a planted value with it; give how many there were."""
    truth, compared = true_values(loaded, key), 0
    for metric in scorecard(engine, key).metrics:
        if metric.key not in TRUE_NAMES:
            continue
        name = TRUE_NAMES[metric.key]
        for comparison in metric.comparisons:
            found = comparison.difference
            assert isinstance(found, Estimate)
            planted = truth[comparison.treatment][name] - truth[comparison.control][name]
            off = abs(found.estimate - planted) / found.std_error
            assert off < STANDARD_ERRORS, f"{key} {metric.key} {comparison.treatment}: {off:.1f}"
            compared += 1
    return compared


@pytest.mark.parametrize("key", [campaigns.FINISHED, campaigns.RUNNING])
def test_the_planted_effects_are_found(demonstration: tuple[Engine, Loaded], key: str) -> None:
    """Every estimate lies within four standard errors of what was planted."""
    compared = check_truth(*demonstration, key)
    assert compared == {campaigns.FINISHED: 4, campaigns.RUNNING: 8}[key]


def test_the_oec_of_the_running_campaign_covers_the_truth(
    demonstration: tuple[Engine, Loaded],
) -> None:
    """The 95 % interval of each treatment covers the planted difference in upgrades."""
    engine, loaded = demonstration
    truth = true_values(loaded, campaigns.RUNNING)
    oec = scorecard(engine, campaigns.RUNNING).metrics[0]
    assert [one.treatment for one in oec.comparisons] == ["points", "gift"]
    for comparison in oec.comparisons:
        found = comparison.difference
        assert isinstance(found, Estimate)
        planted = truth[comparison.treatment]["upgrade_rate"] - truth["control"]["upgrade_rate"]
        assert planted > 0
        assert found.ci_low <= planted <= found.ci_high


def test_a_full_programme_shows_the_effect(tmp_path: Path) -> None:
    """With 30,000 members both treatments of the running campaign are found to work."""
    plan = type(PLAN)(end=PLAN.end)
    engine, loaded = loaded_into(tmp_path / "full.db", plan)
    check_truth(engine, loaded, campaigns.RUNNING)
    oec = scorecard(engine, campaigns.RUNNING).metrics[0]
    gift = oec.comparisons[1].difference
    assert isinstance(gift, Estimate)
    assert gift.ci_low > 0
    engine.dispose()


def test_the_youngest_exposures_are_immature(club: Engine) -> None:
    """The running campaign has, in every variant, members whose window is open and closed ones."""
    for variant in scorecard(club, campaigns.RUNNING).metrics[0].variants:
        assert variant.immature_units > 0
        assert variant.n > 0
    for variant in scorecard(club, campaigns.FINISHED).metrics[0].variants:
        assert variant.immature_units == 0


@pytest.mark.parametrize(
    ("key", "severity"),
    [
        (campaigns.FINISHED, Severity.PASSED),
        (campaigns.RUNNING, Severity.PASSED),
        (campaigns.BROKEN, Severity.FAILURE),
    ],
)
def test_only_the_broken_split_fails_its_check(club: Engine, key: str, severity: Severity) -> None:
    """The sample-ratio check fails at p < 0.001 where exposures are lost, and nowhere else."""
    findings = scorecard(club, key).findings
    ratio = next(one for one in findings if one.code is FindingCode.SAMPLE_RATIO)
    assert ratio.severity is severity
    p_value = ratio.evidence["p_value"]
    assert isinstance(p_value, float)
    assert (p_value < 0.001) is (severity is Severity.FAILURE)


@pytest.mark.parametrize("key", [campaigns.FINISHED, campaigns.RUNNING])
def test_sound_campaigns_have_no_warning(club: Engine, key: str) -> None:
    """Apart from the broken split, every check of the demonstration passes or only notices."""
    severities = {one.code: one.severity for one in scorecard(club, key).findings}
    assert set(severities.values()) <= {Severity.PASSED, Severity.NOTICE}, severities
