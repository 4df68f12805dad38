"""INVARIANT: each container gets its own secrets and no other's; the broker's rights are those of one machine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from deploy.compose.keys import (
    CONTAINERS,
    OwnSecretRefused,
    Share,
    hand_over,
    make_secrets,
    nats_configuration,
    shares,
    take_own,
)
from deploy.compose.places import IN_CONTAINER, NATS_NODES, ComposeInstance, instance
from deploy.embedded.credentials import ROLE_KINDS, SERVICES
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.nats import Nats
from deploy.embedded.postgres import DURABLE
from services.catalog.settings import Settings as CatalogSettings
from services.matching.settings import Settings as MatchingSettings
from services.notifications.settings import Settings as NotificationsSettings

SETTINGS = {"catalog": CatalogSettings, "matching": MatchingSettings, "notifications": NotificationsSettings}

BUCKET = {
    "endpoint": "https://s3.example.org",
    "bucket": "files",
    "access_key_id": "id",
    "secret_access_key": "it-stays-ours",
}


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    kept = DataFolder(tmp_path / "kept")
    kept.secrets.mkdir(parents=True)
    make_secrets(kept)
    return kept


@pytest.fixture
def known(folder: DataFolder) -> ComposeInstance:
    return instance(folder)


@pytest.fixture
def handed(known: ComposeInstance) -> dict[str, Share]:
    return shares(known)


@pytest.mark.promise(56, 57)
def test_nobody_gets_a_secret_that_is_another_s(folder: DataFolder, handed: dict[str, Share]) -> None:
    """Of all secrets that exist, which stand in whose files?"""
    whose = {
        path.name: {name for name, share in handed.items() if path.read_text() in "\n".join(share.files.values())}
        for path in folder.secrets.iterdir()
    }
    everybody = set(CONTAINERS)
    containers = {service: {name for name, runs in CONTAINERS.items() if runs == service} for service in SERVICES}
    expected = {
        **{f"{service}_app.password": containers[service] for service in SERVICES},
        # Where workers have a role of their own, pages without a worker do not know it.
        **{f"{each}_work.password": containers[each] - {"matching"} for each in SERVICES if "work" in ROLE_KINDS},
        **{f"{service}.nkey": containers[service] for service in SERVICES},
        "boucle_admin.password": {"postgres"},
        "nats_routes.password": {"nats"},
        "csrf": everybody,
        "identity.jwks": everybody,
        "identity.private.jwks": {"catalog"},
        "links": {"catalog", "notifications"},
    }
    assert {name: readers for name, readers in whose.items() if readers} == expected


@pytest.mark.parametrize(("container", "service"), CONTAINERS.items())
def test_a_service_starts_with_its_share(
    container: str, service: str, handed: dict[str, Share], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = handed[container]
    (tmp_path / "settings.json").write_text(share.files["settings.json"])
    monkeypatch.setenv(f"BOUCLE_{service.upper()}_SETTINGS", str(tmp_path / "settings.json"))
    settings: Any = SETTINGS[service]()
    assert settings.owner_database_url is None
    assert settings.nats_url == "nats://nats-1:4222,nats://nats-2:4222,nats://nats-3:4222"
    assert f"{service}_app:" in settings.database_url.get_secret_value()
    assert settings.database_url.get_secret_value().endswith(f"@postgres:5432/{service}")
    named = {getattr(settings, name) for name in type(settings).model_fields if name.endswith("_file")}
    assert {path.name for path in named - {None}} == set(share.files) - {"settings.json"}
    assert {path.parent for path in named - {None}} == {IN_CONTAINER}


@pytest.mark.promise(56)
def test_the_nodes_rights_and_limits_are_those_of_one_machine(folder: DataFolder, known: ComposeInstance) -> None:
    alone = Nats(folder, 4222, health_port=8222).configuration()
    for node in NATS_NODES:
        configured = nats_configuration(known, node)
        differing = {key for key in alone if configured[key] != alone[key]}
        assert differing == {"server_name", "listen", "jetstream"}
        assert configured["accounts"] == alone["accounts"]
        assert configured["jetstream"] | {"store_dir": ""} == alone["jetstream"] | {"store_dir": ""}
        assert configured["jetstream"]["sync_interval"] == "always"
        # The monitoring port is the node's own.
        assert configured["http"].startswith("127.0.0.1:")


def test_the_nodes_know_each_other_by_a_password(known: ComposeInstance) -> None:
    clusters = {node: nats_configuration(known, node)["cluster"] for node in NATS_NODES}
    for node, cluster in clusters.items():
        assert cluster["authorization"]["password"]
        assert [route.rpartition("@")[2] for route in cluster["routes"]] == [
            f"{other}:6222" for other in NATS_NODES if other != node
        ]
    assert known.nats_replicas == 3


def test_postgresql_asks_for_passwords_and_syncs(handed: dict[str, Share]) -> None:
    files = handed["postgres"].files
    rules = [line.split() for line in files["pg_hba.conf"].splitlines() if not line.startswith("#")]
    assert {rule[-1] for rule in rules} == {"scram-sha-256"}
    assert {rule[3] for rule in rules if rule[0] == "host"} == {"samenet"}
    assert all(f"{name} = {value}\n" in files["postgresql.conf"] for name, value in DURABLE.items())


def test_what_exists_is_kept(folder: DataFolder, known: ComposeInstance, handed: dict[str, Share]) -> None:
    make_secrets(folder)
    assert shares(known) == handed


def test_own_secrets_replace_made_ones(folder: DataFolder, known: ComposeInstance, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "catalog_app.password").write_text("an-own-password-of-ours\n")
    (own / "smtp_url").write_text("smtps://boucle:an-own-word@mail.example.org\n")
    (own / "s3").write_text(json.dumps(BUCKET))
    (own / ".gitignore").write_text("*\n")
    assert take_own(own, folder) == ["catalog_app.password", "s3", "smtp_url"]
    handed = shares(known)
    assert "catalog_app:an-own-password-of-ours@" in handed["catalog"].files["settings.json"]
    smtp = json.loads(handed["notifications"].files["settings.json"])["smtp_url"]
    assert smtp == "smtps://boucle:an-own-word@mail.example.org"
    assert "smtp_url" not in json.loads(handed["catalog"].files["settings.json"])
    assert json.loads(handed["catalog"].files["settings.json"])["s3"] == BUCKET
    assert "s3" not in json.loads(handed["notifications"].files["settings.json"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("catalog_ap.password", "an-own-password-of-ours"),
        ("catalog_app.password", "short"),
        ("s3", '{"endpoint": "https://s3.example.org", "secret_access_key": "it-stays-ours"}'),
        ("links", "an-own-key-of-ours\nshort"),
        ("catalog_app.password", "it's quoted in a statement"),
        ("catalog.nkey", "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"),
    ],
)
def test_an_own_secret_that_cannot_be_used_is_refused_by_its_name_without_its_value(
    name: str, text: str, folder: DataFolder, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / name).write_text(text)
    before = {path.name: path.read_text() for path in folder.secrets.iterdir()}
    with pytest.raises(OwnSecretRefused, match=name) as refused:
        take_own(own, folder)
    assert text not in str(refused.value)
    assert {path.name: path.read_text() for path in folder.secrets.iterdir()} == before


def test_a_share_is_readable_by_its_user_alone_and_forgets_what_is_gone(tmp_path: Path) -> None:
    place = tmp_path / "hand"
    place.mkdir()
    (place / "yesterday.nkey").write_text("old")
    hand_over(place, Share(os.getuid(), {"settings.json": "{}"}))
    assert [path.name for path in place.iterdir()] == ["settings.json"]
    assert place.stat().st_mode & 0o777 == 0o700
    assert (place / "settings.json").stat().st_mode & 0o777 == 0o600
