"""INVARIANT: a webhook leads to addresses that everybody can reach, whatever its name stands for at the moment."""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.notifications.webhooks.address import NotPublic, is_public, read
from services.notifications.webhooks.sending import Answer, Courier
from tests.services.notifications.actors import Clock
from tests.services.notifications.receiving import Receiver, names, receiving, said

INNER = (
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::10.0.0.1", "2002:7f00:1::", "2002:a00:1::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo around 10.0.0.1
)  # fmt: skip
OUTER = ("8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1")


@pytest.mark.parametrize("address", INNER)
@pytest.mark.promise(53)
def test_an_inner_address_is_not_public_however_it_is_written(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTER)
def test_a_public_address_is(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://exemple.fr/boucle?a=1", "https://exemple.fr/boucle?a=1"),
        (" https://EXEMPLE.fr ", "https://exemple.fr/"),
        ("https://exemple.fr:443/x", "https://exemple.fr/x"),
        ("https://été.fr/x", "https://xn--t-9fab.fr/x"),
        ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/x"),
    ],
)
def test_an_address_is_kept_as_it_will_be_asked(url: str, kept: str) -> None:
    assert read(url) == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://exemple.fr/", "ftp://exemple.fr/", "exemple.fr", "", "https://", "https:///x", "https://exemple.fr:8443/",
        "https://exemple.fr:0/", "https://exemple.fr:99999/", "https://a:b@exemple.fr/", "https://@exemple.fr/",
        "https://exemple.fr/#x", "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
        "https://localhost/", "https://LOCALHOST./", "https://catalog/", "https://postgres.internal/",
        "https://nas.local/", "https://box.home.arpa/", "https://exemple.fr/\nx: y", "https://exemple.fr/a b",
        "https://exemple.fr/\x00", "https://exemple.fr\\@127.0.0.1/", "https://[fe80::1%25eth0]/",
        "https://exemple.fr/" + "x" * 500, "http://127.0.0.1/", "javascript:alert(1)",
    ],
)  # fmt: skip
@pytest.mark.promise(53)
def test_what_is_no_public_https_address_is_refused(url: str) -> None:
    with pytest.raises(NotPublic):
        read(url)


def test_this_machine_is_reached_for_development_only() -> None:
    assert read("http://127.0.0.1:5000/x", to_loopback=True) == "http://127.0.0.1:5000/x"
    assert read("http://localhost:5000/x", to_loopback=True) == "http://localhost:5000/x"
    for url in ("http://10.0.0.1/x", "http://exemple.fr/x", "http://a:b@127.0.0.1/x", "https://169.254.169.254/"):
        with pytest.raises(NotPublic):
            read(url, to_loopback=True)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


class Nowhere(httpcore.AsyncNetworkBackend):
    """Dials nobody and keeps whom it was to dial: even a broken courier sends no packet out of these tests."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def connect_tcp(self, host: str, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        self.asked.append(host)
        raise httpcore.ConnectError


def grounded(courier: Courier) -> Nowhere:
    """Let a courier dial nobody."""
    courier._network._dialling = nowhere = Nowhere()  # type: ignore[assignment]
    return nowhere


async def ask(courier: Courier, url: str) -> Answer:
    return await courier.send(url, {"webhook-id": "1"}, "{}")


@pytest.mark.parametrize("address", INNER)
@pytest.mark.promise(53)
async def test_a_name_that_stands_for_an_inner_address_is_not_asked(clock: Clock, address: str) -> None:
    courier = Courier(clock, resolve=names(evil_fr=[address]))
    nowhere = grounded(courier)
    answer = await ask(courier, "https://evil.fr/")
    assert (answer.status, answer.error, nowhere.asked) == (None, "private_address", [])


@pytest.mark.parametrize("address", OUTER)
async def test_a_name_that_stands_for_a_public_address_is_asked_there(clock: Clock, address: str) -> None:
    """Otherwise the refusals would say nothing."""
    courier = Courier(clock, resolve=names(good_fr=[address]))
    nowhere = grounded(courier)
    assert (await ask(courier, "https://good.fr/")).error == "connection"
    assert [ip_address(each) for each in nowhere.asked] == [ip_address(address)]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0x7f000001", "2130706433"])
async def test_the_machines_own_resolver_finds_what_is_inner(receiver: Receiver, clock: Clock, host: str) -> None:
    answer = await ask(Courier(clock), f"http://{host}:{receiver.port}/")
    assert (answer.status, answer.error) == (None, "private_address")
    assert receiver.came == []


async def test_one_inner_address_among_public_ones_is_enough_to_refuse(clock: Clock) -> None:
    courier = Courier(clock, resolve=names(evil_fr=["93.184.216.34", "127.0.0.1"]))
    nowhere = grounded(courier)
    assert (await ask(courier, "https://evil.fr/")).error == "private_address"
    assert nowhere.asked == []


async def test_even_in_development_no_other_inner_address_is_asked(receiver: Receiver, clock: Clock) -> None:
    courier = Courier(clock, to_loopback=True, resolve=names(lo=["127.0.0.1"]))
    assert (await ask(courier, f"http://lo:{receiver.port}/")).status == 204
    courier = Courier(clock, to_loopback=True, resolve=names(evil_fr=["10.0.0.1"]))
    nowhere = grounded(courier)
    assert (await ask(courier, f"http://evil.fr:{receiver.port}/")).error == "private_address"
    assert nowhere.asked == []


@pytest.mark.promise(53)
async def test_a_name_is_asked_once_and_its_answer_dialled(receiver: Receiver, clock: Clock) -> None:
    """Whoever answers 127.0.0.1 the second time (DNS rebinding) is not asked a second time."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    answer = await ask(Courier(clock, to_loopback=True, resolve=resolve), f"http://rebind.fr:{receiver.port}/")
    assert (answer.status, asked) == (204, ["rebind.fr"])
    assert receiver.came[0].headers["host"] == f"rebind.fr:{receiver.port}"


async def test_a_proxy_of_the_environment_is_not_used(
    receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await ask(Courier(clock, to_loopback=True), receiver.url)).status == 204
        assert proxy.came == []


@pytest.mark.parametrize("place", ["http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:1/", "http://[::1]/"])
@pytest.mark.promise(53)
async def test_a_redirect_to_an_inner_address_is_not_followed(receiver: Receiver, clock: Clock, place: str) -> None:
    for status in (301, 302, 303, 307, 308):
        receiver.answers = [said(status, location=place)]
        answer = await ask(Courier(clock, to_loopback=True), receiver.url)
        assert (answer.status, answer.error, answer.is_taken) == (status, "redirect", False)


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server with a certificate for this name, and for a client that trusts whoever signed it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    whose = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(whose)
        .issuer_name(whose)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    forms = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(*forms))
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=folder / "cert.pem")


@pytest.mark.promise(53)
async def test_the_dialled_address_must_prove_the_name(clock: Clock, tmp_path: Path) -> None:
    server, trust = certified(tmp_path, "hooks.exemple.fr")
    known = names(hooks_exemple_fr=["127.0.0.1"], other_exemple_fr=["127.0.0.1"])
    async with receiving(server) as receiver:
        courier = Courier(clock, to_loopback=True, resolve=known, trust=trust)
        assert (await ask(courier, f"https://hooks.exemple.fr:{receiver.port}/")).status == 204
        assert (await ask(courier, f"https://other.exemple.fr:{receiver.port}/")).error == "certificate"
        strict = Courier(clock, to_loopback=True, resolve=known)
        assert (await ask(strict, f"https://hooks.exemple.fr:{receiver.port}/")).error == "certificate"
    assert len(receiver.came) == 1
