"""The scorecard as a JSON document, back again, and its hash."""

import hashlib
import json
from functools import cache

from pydantic import JsonValue, TypeAdapter, ValidationError

from stats.errors import InvalidScorecard
from stats.scorecard.document import Scorecard

NOT_HASHED = frozenset({"as_of", "computed_at", "snapshot_hash", "sentences"})


@cache
def _adapter() -> TypeAdapter[Scorecard]:
    return TypeAdapter(Scorecard)


def scorecard_to_json(scorecard: Scorecard) -> dict[str, JsonValue]:
    """Write the scorecard as a JSON object, keys in the order of the fields.

    Money is in minor units, times are UTC, shares of the plan are decimal strings, and floats keep
    every digit (shortest text that reads back the same).
    """
    document: dict[str, JsonValue] = _adapter().dump_python(scorecard, mode="json")
    return document


def scorecard_from_json(document: JsonValue) -> Scorecard:
    """Read a scorecard from the JSON that `scorecard_to_json` writes.

    Raises:
        InvalidScorecard: Names the field, the value that came and the way out.
    """
    try:
        return _adapter().validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "scorecard"
        raise InvalidScorecard(first["input"], field=field, expected=first["msg"]) from error


def snapshot_hash(document: dict[str, JsonValue]) -> str:
    """Give the SHA-256 of the canonical JSON of the results.

    The times of analysis are left out, and what texts were made of: the texts are in it.
    """
    hashed = {key: value for key, value in document.items() if key not in NOT_HASHED}
    text = json.dumps(
        hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()
