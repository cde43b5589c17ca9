"""Whose pages a browser shows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.auth import MemberTokens, check_member
from app.auth import member_token as module
from app.errors import MemberMismatch, MemberTokenMissing, MemberTokenRefused
from app.settings import Settings
from tests.app.auth.signing import (
    PRIVATE_KEYS,
    RSA_KEY,
    SECRET,
    claims,
    public_jwk,
    signed,
    write_keys,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.auth.conftest import Elapsed

HOUR = timedelta(hours=1)


@pytest.fixture
def by_secret() -> MemberTokens:
    """Give a server that shares a secret with the business."""
    return MemberTokens(Settings(member_token_secret=SECRET))


@pytest.fixture
def by_keys(tmp_path: Path, elapsed: Elapsed) -> MemberTokens:
    """Give a server that knows the business's public keys."""
    place = write_keys(tmp_path / "jwks.json", *map(public_jwk, PRIVATE_KEYS))
    return MemberTokens(Settings(member_token_jwks=place), elapsed=elapsed)


def encoded(part: object) -> str:
    """Give a part of a token."""
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def forged(header: dict[str, Any], said: dict[str, Any], secret: bytes = b"") -> str:
    """Give a token as an attacker builds it, signed with HMAC or not at all."""
    text = f"{encoded(header)}.{encoded(said)}"
    seal = hmac.digest(secret, text.encode(), hashlib.sha256) if secret else b""
    return f"{text}.{encoded(seal)}"


def test_a_token_names_its_member(by_secret: MemberTokens, now: datetime) -> None:
    """The claim sub is the member id, letter by letter."""
    token = signed(claims(now, sub="Bjørn 7/ä"))

    assert by_secret.member_of(token, now) == "Bjørn 7/ä"


def test_a_token_of_another_library_is_read(by_secret: MemberTokens) -> None:
    """Built with nothing but SHA-256 and Base64, as RFC 7515 says."""
    text = f"{encoded({'alg': 'HS256'})}.{encoded({'sub': 'm', 'exp': 1_772_366_460})}"
    seal = hmac.digest(SECRET.encode(), text.encode(), hashlib.sha256)
    at = datetime.fromtimestamp(1_772_366_400, UTC)

    assert by_secret.member_of(f"{text}.{encoded(seal)}", at) == "m"


@pytest.mark.parametrize("algorithm", PRIVATE_KEYS)
def test_each_public_key_verifies_its_algorithm(
    algorithm: str, by_keys: MemberTokens, now: datetime
) -> None:
    """RS256, ES256 and EdDSA, chosen by the key that the header names."""
    assert by_keys.member_of(signed(claims(now), algorithm), now) == "member-1"


def test_a_token_may_name_no_key_where_one_fits(by_keys: MemberTokens, now: datetime) -> None:
    """A business with one key need not number it."""
    assert by_keys.member_of(signed(claims(now), "ES256", kid=None), now) == "member-1"


def test_no_token_is_told_from_a_bad_one(by_secret: MemberTokens, now: datetime) -> None:
    """Whoever forgot the token learns where it belongs."""
    with pytest.raises(MemberTokenMissing, match="X-Tierlift-Member"):
        by_secret.member_of("", now)


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "é.é.é",
        "\ud800.x.x",
        "..",
        f"{encoded([])}.{encoded({})}.x",
        f"{encoded(b'[' * 4_000)}.{encoded({})}.x",
        f"{encoded({'alg': 'HS256', 'crit': ['exp']})}.{encoded({})}.AAAA",
        f"{encoded({'alg': 'HS256', 'b64': False})}..AAAA",
        f"{encoded({'alg': 'HS256', 'kid': 7})}.{encoded({})}.AAAA",
    ],
)
def test_what_is_no_token_is_refused(token: str, by_secret: MemberTokens, now: datetime) -> None:
    """Nothing that can come in a header is more than refused."""
    with pytest.raises(MemberTokenRefused, match="malformed"):
        by_secret.member_of(token, now)


def test_a_token_that_is_too_long_is_refused(by_secret: MemberTokens, now: datetime) -> None:
    """Before it is looked at."""
    with pytest.raises(MemberTokenRefused, match="longer than 8192"):
        by_secret.member_of(signed(claims(now, note="x" * 9_000)), now)


def test_a_token_of_somebody_else_is_refused(by_secret: MemberTokens, now: datetime) -> None:
    """Another secret, or one changed letter, is no signature of the business."""
    token = signed(claims(now))
    other = signed(claims(now, sub="member-2"))
    mixed = ".".join([*other.split(".")[:2], token.split(".")[2]])

    for bad in (signed(claims(now), key="another secret, of another business"), mixed):
        with pytest.raises(MemberTokenRefused, match="signature"):
            by_secret.member_of(bad, now)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, 7, ["HS256"]])
def test_an_unsigned_token_is_refused(
    algorithm: object, by_secret: MemberTokens, by_keys: MemberTokens, now: datetime
) -> None:
    """However it spells that it is not signed (RFC 8725, section 2.1)."""
    header = {"typ": "JWT"} if algorithm is None else {"alg": algorithm}

    for tokens in (by_secret, by_keys):
        with pytest.raises(MemberTokenRefused):
            tokens.member_of(forged(header, claims(now)), now)


def test_a_public_key_is_no_secret(by_keys: MemberTokens, now: datetime) -> None:
    """HS256 with the published key as its secret is refused: no algorithm stands for another."""
    public = RSA_KEY.public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for secret in (pem, json.dumps(public_jwk("RS256")).encode()):
        for kid in ({}, {"kid": "RS256"}):
            token = forged({"alg": "HS256", **kid}, claims(now), secret)
            with pytest.raises(MemberTokenRefused, match="alg is not one of ES256, EdDSA, RS256"):
                by_keys.member_of(token, now)


def test_with_both_set_each_verifies_its_own(tmp_path: Path, now: datetime) -> None:
    """A secret and a key set do not open each other's door."""
    place = write_keys(tmp_path / "jwks.json", public_jwk("RS256"))
    tokens = MemberTokens(Settings(member_token_secret=SECRET, member_token_jwks=place))

    assert tokens.member_of(signed(claims(now)), now) == "member-1"
    assert tokens.member_of(signed(claims(now), "RS256"), now) == "member-1"
    mixed = forged({"alg": "RS256", "kid": "RS256"}, claims(now), SECRET.encode())
    with pytest.raises(MemberTokenRefused, match="signature"):
        tokens.member_of(mixed, now)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "RS512", "PS256", "ES384"])
def test_other_algorithms_are_refused(
    algorithm: str, by_secret: MemberTokens, now: datetime
) -> None:
    """What was not chosen on purpose is not accepted, and what is stands in the answer."""
    with pytest.raises(MemberTokenRefused, match=r"alg is not one of HS256\."):
        by_secret.member_of(forged({"alg": algorithm}, claims(now), SECRET.encode()), now)


def test_a_key_is_used_for_its_own_algorithm_only(by_keys: MemberTokens, now: datetime) -> None:
    """A token that names the key of another algorithm names none."""
    with pytest.raises(MemberTokenRefused, match="kid"):
        by_keys.member_of(signed(claims(now), "ES256", kid="RS256"), now)


@pytest.mark.parametrize("key_id", ["other", "", "RS256\x00", "x" * 1_000])
def test_an_unknown_key_is_refused_by_name_of_the_header(
    key_id: str, by_keys: MemberTokens, now: datetime
) -> None:
    """The sender learns that kid is at fault, and the value is not repeated."""
    with pytest.raises(MemberTokenRefused, match="header kid") as refused:
        by_keys.member_of(signed(claims(now), "RS256", kid=key_id), now)

    assert "xxx" not in str(refused.value)


def test_without_a_signer_every_token_is_refused(now: datetime) -> None:
    """The operator is told what to set."""
    with pytest.raises(MemberTokenRefused, match="TIERLIFT_MEMBER_TOKEN_SECRET"):
        MemberTokens(Settings()).member_of(signed(claims(now)), now)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"exp": None}, "claim exp .* is missing"),
        ({"exp": -30}, "claim exp .* is over"),
        ({"exp": 3_601}, "claim exp .* is too far ahead"),
        ({"exp": 3_631, "iat": None}, "claim exp .* is too far ahead"),
        ({"exp": 4_000, "iat": 500}, "claim iat .* lies ahead"),
        ({"iat": 31}, "claim iat .* lies ahead"),
        ({"nbf": 31}, "claim nbf .* lies ahead"),
    ],
)
def test_times_that_do_not_hold_are_refused(
    changed: dict[str, Any], told: str, by_secret: MemberTokens, now: datetime
) -> None:
    """Each claim is named; numbers here are seconds from now."""
    moved = {
        name: None if value is None else int(now.timestamp()) + value
        for name, value in changed.items()
    }
    with pytest.raises(MemberTokenRefused, match=told):
        by_secret.member_of(signed(claims(now, **moved)), now)


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": -29},
        {"exp": 3_600},
        {"exp": 3_630, "iat": None},
        {"exp": 3_600, "iat": 30},
        {"nbf": 30},
        {"nbf": -1_000},
    ],
)
def test_times_within_the_leeway_are_accepted(
    changed: dict[str, Any], by_secret: MemberTokens, now: datetime
) -> None:
    """Clocks may be half a minute apart, and a token may last an hour."""
    moved = {
        name: None if value is None else int(now.timestamp()) + value
        for name, value in changed.items()
    }
    assert by_secret.member_of(signed(claims(now, **moved)), now) == "member-1"


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(
    "value", ["1772366400", True, [], {}, -1, 1_772_366_400_000, 10**400, float("nan"), 1e308]
)
def test_a_time_that_is_none_is_refused(
    claim: str, value: object, by_secret: MemberTokens, now: datetime
) -> None:
    """Text, milliseconds and numbers out of this world are named with what would do."""
    with pytest.raises(MemberTokenRefused, match=rf"claim {claim} .* seconds since 1970"):
        by_secret.member_of(signed(claims(now, **{claim: value})), now)


@pytest.mark.parametrize("member_id", [None, "", 7, True, [], "x" * 256, "a\x00b", "a\nb"])
def test_a_token_without_a_usable_member_is_refused(
    member_id: object, by_secret: MemberTokens, now: datetime
) -> None:
    """An id that no member can have names nobody."""
    said = claims(now) | {"sub": member_id}
    with pytest.raises(MemberTokenRefused, match="claim sub"):
        by_secret.member_of(forged({"alg": "HS256"}, said, SECRET.encode()), now)


@pytest.mark.parametrize(
    ("audience", "named", "accepted"),
    [
        ("", None, True),
        ("", "shop", False),
        ("", ["shop"], False),
        ("tierlift", "tierlift", True),
        ("tierlift", ["shop", "tierlift"], True),
        ("tierlift", "shop", False),
        ("tierlift", "tierlift-test", False),
        ("tierlift", None, False),
        ("tierlift", [], False),
        ("tierlift", {"tierlift": 1}, False),
    ],
)
def test_a_token_for_another_reader_is_refused(
    audience: str,
    named: object,
    accepted: bool,  # noqa: FBT001  # a case of the table
    now: datetime,
) -> None:
    """A token that the business made for something else opens nothing here."""
    tokens = MemberTokens(Settings(member_token_secret=SECRET, member_token_audience=audience))
    token = signed(claims(now, aud=named))

    if accepted:
        assert tokens.member_of(token, now) == "member-1"
    else:
        with pytest.raises(MemberTokenRefused, match="claim aud"):
            tokens.member_of(token, now)


def test_a_known_token_still_ends(by_secret: MemberTokens, now: datetime) -> None:
    """That it was verified a moment ago does not lengthen its life, nor does a clock set back."""
    token = signed(claims(now))
    by_secret.member_of(token, now)

    assert by_secret.member_of(token, now + timedelta(seconds=629)) == "member-1"
    with pytest.raises(MemberTokenRefused, match="exp"):
        by_secret.member_of(token, now + timedelta(seconds=630))
    with pytest.raises(MemberTokenRefused, match="iat"):
        by_secret.member_of(token, now - timedelta(seconds=31))


def test_a_token_without_iat_lasts_an_hour_from_each_now(
    by_secret: MemberTokens, now: datetime
) -> None:
    """Also once it is known: a clock set back finds it too long."""
    token = signed(claims(now, iat=None, exp=int((now + HOUR).timestamp())))
    by_secret.member_of(token, now)

    with pytest.raises(MemberTokenRefused, match="too far"):
        by_secret.member_of(token, now - timedelta(seconds=31))


def test_known_tokens_are_bounded(
    by_secret: MemberTokens, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many members do not fill the memory, and neither do tokens that are refused."""
    monkeypatch.setattr(module, "REMEMBERED", 5)
    for number in range(20):
        by_secret.member_of(signed(claims(now, sub=f"member-{number}")), now)
        with pytest.raises(MemberTokenRefused):
            by_secret.member_of(signed(claims(now, sub=f"{number}", exp=None)), now)

    kept = {one.member_id for one in by_secret._verified.values()}  # noqa: SLF001  # the rule is about it
    assert kept == {f"member-{number}" for number in range(15, 20)}


def test_neither_token_nor_secret_is_kept_or_told(by_secret: MemberTokens, now: datetime) -> None:
    """A token in a message or in memory would be one more place to steal it from."""
    token = signed(claims(now))
    by_secret.member_of(token, now)
    body = token.split(".")[1]

    assert token not in repr(vars(by_secret))
    with pytest.raises(MemberTokenRefused) as refused:
        by_secret.member_of(token[:-3] + "AAA", now)
    assert body not in str(refused.value)
    assert SECRET not in repr(Settings(member_token_secret=SECRET))


def test_another_members_page_is_refused() -> None:
    """The token of one member does not open another's offers."""
    check_member("ada", "ada")
    with pytest.raises(MemberMismatch, match="claim sub"):
        check_member("ada", "Ada")


def test_a_rotation_is_followed(tmp_path: Path, elapsed: Elapsed, now: datetime) -> None:
    """A new key is accepted once it is published, and what an old one signed ends with it."""
    path = tmp_path / "jwks.json"
    tokens = MemberTokens(
        Settings(member_token_jwks=write_keys(path, public_jwk("ES256", "old"))), elapsed=elapsed
    )
    old = signed(claims(now), "ES256", kid="old")
    key = ec.generate_private_key(ec.SECP256R1())
    new = signed(claims(now), "ES256", key, kid="new")
    tokens.member_of(old, now)

    write_keys(path, public_jwk("ES256", "old"), public_jwk("ES256", "new", key))
    elapsed.seconds = 30.0
    assert tokens.member_of(new, now) == "member-1"
    assert tokens.member_of(old, now) == "member-1"

    write_keys(path, public_jwk("ES256", "new", key))
    elapsed.seconds = 329.0
    assert tokens.member_of(old, now) == "member-1"
    elapsed.seconds = 330.0
    with pytest.raises(MemberTokenRefused, match="kid"):
        tokens.member_of(old, now)
