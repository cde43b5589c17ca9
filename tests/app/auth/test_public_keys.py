"""The public keys of a business, from a file and over https."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.auth.public_keys import SIZE_LIMIT, PublicKeys
from app.errors import MemberKeysUnavailable
from app.settings import LogFormat, Settings
from app.wiring import open_log
from tests.app.auth.signing import EC_KEY, RSA_KEY, public_jwk, write_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from structlog.typing import FilteringBoundLogger

    from tests.app.auth.conftest import Elapsed


class Business:
    """A business's web server, with one page.

    Attributes:
        address: Where it is.
        status: What it answers with.
        page: Its page.
        asked: How often it was asked.
    """

    def __init__(self) -> None:
        """Start with an empty page."""
        self.address = ""
        self.status = 200
        self.page = b""
        self.asked = 0

    def publish(self, *jwks: dict[str, Any]) -> None:
        """Show keys on the page."""
        self.page = orjson.dumps({"keys": jwks})


@pytest.fixture
def written() -> StringIO:
    """Give what was logged."""
    return StringIO()


@pytest.fixture
def log(written: StringIO) -> FilteringBoundLogger:
    """Give a log that can be read."""
    return open_log(Settings(log_format=LogFormat.JSON), written)


@pytest.fixture
def business(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Business]:
    """Give a business with a web server of its own, whose certificate this process trusts."""
    shop = Business()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.asked += 1
            self.send_response(shop.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(shop.page)))
            self.end_headers()
            self.wfile.write(shop.page)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing of a client that hangs up."""

    pem = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with Server(("127.0.0.1", 0), Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        shop.address = f"https://127.0.0.1:{server.server_port}/jwks.json"
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        Thread(target=server.serve_forever, daemon=True).start()
        yield shop
        server.shutdown()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop")])
    start = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "shop.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return pem


def test_keys_are_fetched_once_when_needed(
    business: Business, log: FilteringBoundLogger, elapsed: Elapsed
) -> None:
    """Nothing is asked before a token comes, and not again for every token."""
    business.publish(public_jwk("RS256"))
    keys = PublicKeys(business.address, log, elapsed)
    assert business.asked == 0

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: keys.find("RS256", "RS256"), range(8)))

    assert all(found)
    assert business.asked == 1


def test_an_unknown_key_is_asked_for_every_half_minute(
    business: Business, log: FilteringBoundLogger, elapsed: Elapsed
) -> None:
    """A rotation is noticed, and made-up key ids do not flood the business."""
    business.publish(public_jwk("RS256", "old"))
    keys = PublicKeys(business.address, log, elapsed)
    assert keys.find("old", "RS256")
    business.publish(public_jwk("RS256", "new"))

    elapsed.seconds = 29.9
    assert [keys.find(f"guess {n}", "RS256") for n in range(50)] == [None] * 50
    assert business.asked == 1
    elapsed.seconds = 30.0
    assert keys.find("new", "RS256")
    assert [keys.find(f"guess {n}", "RS256") for n in range(50)] == [None] * 50
    assert business.asked == 2


def test_keys_are_read_again_after_five_minutes(
    business: Business, log: FilteringBoundLogger, elapsed: Elapsed
) -> None:
    """A key that was withdrawn is known no more, and a change has a number."""
    business.publish(public_jwk("RS256"), public_jwk("ES256"))
    keys = PublicKeys(business.address, log, elapsed)
    first = keys.version()
    elapsed.seconds = 300.0
    assert keys.version() == first

    business.publish(public_jwk("RS256"))
    elapsed.seconds = 600.0
    assert keys.version() != first
    assert keys.find("ES256", "ES256") is None


@pytest.mark.parametrize(
    ("status", "page", "reason"),
    [
        (500, b"", "500"),
        (404, b"", "404"),
        (302, b"", "302"),
        (200, b"", "no JWKS"),
        (200, b"<html>", "no JWKS"),
        (200, b"[]", "no JWKS"),
        (200, b'{"keys": 7}', "no JWKS"),
        (200, b'{"keys": []}', "no public key"),
        (200, b'{"keys": [1, null, {}]}', "no public key"),
        (200, b" " * (SIZE_LIMIT + 1), "larger than"),
    ],
    ids=["500", "404", "redirect", "empty", "page", "list", "number", "none", "junk", "large"],
)
def test_the_last_keys_stay_when_none_can_be_had(
    status: int,
    page: bytes,
    reason: str,
    business: Business,
    log: FilteringBoundLogger,
    written: StringIO,
    elapsed: Elapsed,
) -> None:
    """A business whose server fails keeps its members' pages, and the operator is told."""
    business.publish(public_jwk("RS256"))
    keys = PublicKeys(business.address, log, elapsed)
    keys.version()

    business.status, business.page = status, page
    elapsed.seconds = 300.0

    assert keys.find("RS256", "RS256")
    (event,) = map(orjson.loads, written.getvalue().splitlines())
    assert event["event"] == "member_keys_unavailable"
    assert reason in event["reason"]
    assert event["last_ones_stay"] is True


def test_without_any_keys_the_fault_is_told_and_tried_again(
    business: Business, log: FilteringBoundLogger, elapsed: Elapsed
) -> None:
    """A server that never had the keys says so, asks again after some seconds, and recovers."""
    business.status = 503
    keys = PublicKeys(business.address, log, elapsed)
    for elapsed.seconds in (0.0, 1.0, 4.9):
        with pytest.raises(MemberKeysUnavailable):
            keys.find("RS256", "RS256")
    assert business.asked == 1

    business.status = 200
    business.publish(public_jwk("RS256"))
    elapsed.seconds = 5.0
    assert keys.find("RS256", "RS256")


def test_a_certificate_that_nobody_trusts_is_refused(
    business: Business,
    log: FilteringBoundLogger,
    written: StringIO,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Keys that somebody else may have sent are not taken."""
    empty = tmp_path / "nobody.pem"
    empty.write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(empty))

    with pytest.raises(MemberKeysUnavailable):
        PublicKeys(business.address, log).version()

    assert "CERTIFICATE_VERIFY_FAILED" in written.getvalue()
    assert business.asked == 0


def test_the_address_is_told_without_what_may_be_secret(
    business: Business, log: FilteringBoundLogger, written: StringIO
) -> None:
    """An address may carry an access key after its question mark."""
    business.status = 403

    with pytest.raises(MemberKeysUnavailable) as fault:
        PublicKeys(f"{business.address}?key=hunter2", log).version()

    assert "127.0.0.1" in written.getvalue()
    assert "hunter2" not in written.getvalue() + str(fault.value)


def test_a_missing_file_is_told(tmp_path: Path, log: FilteringBoundLogger) -> None:
    """With its path."""
    with pytest.raises(MemberKeysUnavailable, match=r"jwks\.json"):
        PublicKeys(str(tmp_path / "jwks.json"), log).version()


UNUSABLE: dict[str, Callable[[], dict[str, Any]]] = {
    "symmetric": lambda: {"kty": "oct", "k": "c2VjcmV0" * 8, "kid": "x", "alg": "HS256"},
    "symmetric in disguise": lambda: {**public_jwk("RS256", "x"), "k": "c2VjcmV0"},
    "private": lambda: {**public_jwk("RS256", "x"), "d": "AQAB"},
    "for encryption": lambda: {**public_jwk("RS256", "x"), "use": "enc"},
    "only signs": lambda: {**public_jwk("RS256", "x"), "key_ops": ["sign"]},
    "operations are a number": lambda: {**public_jwk("RS256", "x"), "key_ops": 7},
    "other algorithm": lambda: {**public_jwk("RS256", "x"), "alg": "RS512"},
    "algorithm of another kind": lambda: {**public_jwk("RS256", "x"), "alg": "ES256"},
    "algorithm is a list": lambda: {**public_jwk("RS256", "x"), "alg": ["RS256"]},
    "hmac on a public key": lambda: {**public_jwk("RS256", "x"), "alg": "HS256"},
    "other curve": lambda: public_jwk("ES256", "x", ec.generate_private_key(ec.SECP384R1())),
    "short": lambda: public_jwk("RS256", "x", rsa.generate_private_key(65_537, 1_024)),  # noqa: S505  # is refused
    "half": lambda: {"kty": "RSA", "kid": "x"},
    "off the curve": lambda: {**public_jwk("ES256", "x"), "x": "AA", "y": "AA"},
    "unknown kind": lambda: {"kty": "PQC", "kid": "x"},
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_key_that_must_not_verify_is_left_out(
    name: str, tmp_path: Path, log: FilteringBoundLogger
) -> None:
    """Beside it, the others still verify."""
    bad = UNUSABLE[name]()
    place = write_keys(tmp_path / "jwks.json", bad, public_jwk("EdDSA"))
    keys = PublicKeys(place, log)

    assert keys.find("EdDSA", "EdDSA")
    assert [keys.find("x", algorithm) for algorithm in ("HS256", "RS256", "ES256")] == [None] * 3


def test_a_key_without_a_name_is_found_only_where_it_is_alone(
    tmp_path: Path, log: FilteringBoundLogger
) -> None:
    """Two keys that would do are told apart by their names."""
    one = public_jwk("ES256", "one", EC_KEY)
    two = public_jwk("ES256", "two", ec.generate_private_key(ec.SECP256R1()))
    alone = PublicKeys(write_keys(tmp_path / "a.json", one, public_jwk("RS256")), log)
    both = PublicKeys(write_keys(tmp_path / "b.json", one, two), log)

    assert alone.find(None, "ES256")
    assert both.find(None, "ES256") is None
    assert both.find("two", "ES256")


def test_a_key_need_not_say_its_algorithm(tmp_path: Path, log: FilteringBoundLogger) -> None:
    """Many publish only the kind of the key."""
    jwk = {
        name: value
        for name, value in public_jwk("RS256", None, RSA_KEY).items()
        if name in {"kty", "n", "e", "kid"}
    }
    assert PublicKeys(write_keys(tmp_path / "a.json", jwk), log).find("RS256", "RS256")
