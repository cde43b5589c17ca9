"""Measures what the methods of `stats.inference` promise, in worlds whose truth is known.

Read `study` first (worlds, judges, bars), then `catalogue` (all that is measured). A new test is a
`Judge` in the study of each world that it suits; the command, the page and the tests follow.
"""

from stats.calibration.bar import Bar, Kind, Verdict
from stats.calibration.catalogue import SECTIONS, STUDIES
from stats.calibration.page import Circumstances, page_of
from stats.calibration.run import Measurement, measure
from stats.calibration.study import Judge, Measured, Section, Study, study

__all__ = [
    "SECTIONS",
    "STUDIES",
    "Bar",
    "Circumstances",
    "Judge",
    "Kind",
    "Measured",
    "Measurement",
    "Section",
    "Study",
    "Verdict",
    "measure",
    "page_of",
    "study",
]
