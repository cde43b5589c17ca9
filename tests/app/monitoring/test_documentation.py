"""The pages about monitoring name what is there, and all of it."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from app.monitoring.exposition import exposition
from app.monitoring.figures import Figures
from app.monitoring.series import BOUNDS_S, TABLE, Shape

DOCS = Path(__file__).parents[3] / "docs"
ROW = re.compile(r"^\| `(tierlift_\w+)` \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shown() -> dict[str, set[str]]:
    """Give every sample that can be shown, with its labels."""
    counters, gauges, histograms = {}, {}, {}
    for series in TABLE:
        labels = tuple(f"a {label}" for label in series.labels)
        match series.shape:
            case Shape.COUNTER:
                counters[series.name, *labels] = 1.0
            case Shape.HISTOGRAM:
                histograms[series.name, *labels] = [1.0] * len(BOUNDS_S) + [0.5]
            case Shape.TOTAL | Shape.HIGHEST:
                gauges[series.name] = 1.0
            case Shape.SHARED:
                pass
    figures = Figures(counters, histograms, gauges)
    text, _ = exposition(figures, {"exposure": 1}, "1.0", "")
    return {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_the_reference_has_every_series() -> None:
    """Name, shape, labels and meaning stand on the page as they are in the program."""
    page = (DOCS / "reference" / "monitoring.md").read_text("utf-8")

    assert ROW.findall(page) == [
        (
            series.name,
            str(series.shape),
            ", ".join(f"`{label}`" for label in series.labels) or "none",
            series.meaning,
        )
        for series in TABLE
    ]


def test_what_is_documented_is_what_is_shown() -> None:
    """Prometheus reads every series of the table, under its name and with its labels."""
    samples = shown()

    for series in TABLE:
        endings = ("_bucket", "_sum", "_count") if series.shape is Shape.HISTOGRAM else ("",)
        for ending in endings:
            labels = samples.pop(f"{series.name}{ending}")
            assert labels - {"le"} == set(series.labels)
    assert not samples


def test_alerts_ask_for_series_that_exist() -> None:
    """A rule or a query on the page names samples and labels that are shown."""
    page = (DOCS / "how-to" / "observe.md").read_text("utf-8")
    samples = shown()
    rules = [
        rule
        for document in map(yaml.safe_load, YAML.findall(page))
        for group in document.get("groups", ())
        for rule in group["rules"]
    ]

    assert len(rules) == 5
    assert len({rule["alert"] for rule in rules}) == 5
    named = re.findall(r"(tierlift_\w+)(?:\{([^}]*)\})?", page)
    assert named
    for name, selector in named:
        assert name in samples, name
        labels = set(re.findall(r"(\w+)[=!]~?\"", selector))
        assert labels <= samples[name], (name, labels)
