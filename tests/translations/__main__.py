"""Finds what is not translated, and adds translations.

``python -m tests.translations missing [PART]`` lists sentences without a translation, as JSON: only
those of files whose path holds PART. ``unused`` lists what the code says no more. ``add AREA FILE``
puts ``{"English": ["traditional", "simplified"]}`` into the catalogues of an area; where a sentence
has a plural, its key is ``"one||several"``. See ``docs/how-to/translate.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.translations.catalogues import add, missing, unused


def main() -> None:
    """Do what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    listing = acts.add_parser("missing", help="sentences without a translation")
    listing.add_argument("part", nargs="?", default="", help="of the path of the file")
    acts.add_parser("unused", help="translations that nothing needs")
    adding = acts.add_parser("add", help="put translations into an area")
    adding.add_argument("area")
    adding.add_argument("file", type=Path)
    asked = parser.parse_args()
    if asked.act == "add":
        add(asked.area, asked.file)
        return
    found = unused()
    if asked.act == "missing":
        lacking = {text: one for text, one in missing().items() if asked.part in one[0]}
        found = [json.dumps(lacking, ensure_ascii=False, indent=1)]
    sys.stdout.writelines(f"{line}\n" for line in found)


if __name__ == "__main__":
    main()
