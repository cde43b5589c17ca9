"""Names the fonts of a report on paper, by the language of its readers.

Han characters have the forms of the reader's region: those of Taiwan in Traditional Chinese, those
of the mainland in Simplified Chinese, and never the Japanese ones that a machine's own fonts may
put in their place. Only the fonts of the npm packages are used, so that every machine makes the
same file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from app.language import Language

if TYPE_CHECKING:
    from pathlib import Path

LATIN: Final = "Noto Sans"
TAIWAN: Final = "Noto Sans TC"
MAINLAND: Final = "Noto Sans SC"
WEIGHTS: Final = ("400Regular", "700Bold")

_PACKAGES: Final = {LATIN: "noto-sans", TAIWAN: "noto-sans-tc", MAINLAND: "noto-sans-sc"}
_HAN: Final = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts of one document.

    Attributes:
        latin: What Latin letters and numbers are written with.
        han: What Han characters are, the first one that has them.
    """

    latin: str
    han: tuple[str, ...]

    def of(self, text: str) -> str:
        """Give the font of a short text in a drawing."""
        return self.han[0] if _HAN.search(text) else self.latin

    def folders(self, assets: Path) -> tuple[Path, ...]:
        """Give where the files are.

        Args:
            assets: The folder that npm packages are installed in.
        """
        return tuple(
            assets / "@expo-google-fonts" / _PACKAGES[family] / weight
            for family in (self.latin, *self.han)
            for weight in WEIGHTS
        )


def fonts_of(language: Language) -> Fonts:
    """Give the fonts of a language; names in the other script have theirs, too."""
    match language:
        case Language.ENGLISH | Language.TRADITIONAL_CHINESE:
            return Fonts(LATIN, (TAIWAN, MAINLAND))
        case Language.SIMPLIFIED_CHINESE:
            return Fonts(LATIN, (MAINLAND, TAIWAN))
        case _:
            assert_never(language)
