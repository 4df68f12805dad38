"""The data folder: who holds it, what it remembers, where it lies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.embedded import data_folder
from deploy.embedded.credentials import make_credentials
from deploy.embedded.data_folder import AlreadyRunning, DataFolder, DataFolderRefused, default_folder
from deploy.embedded.instance import Instance
from deploy.embedded.os_user import EngineUser, engine_user
from deploy.embedded.ports import listen_on, remembered_ports


@pytest.fixture
def folder(place: Path) -> DataFolder:
    made = DataFolder(place / "data")
    made.create()
    return made


def test_two_holders_are_refused_and_the_second_may_follow_the_first(folder: DataFolder) -> None:
    with folder.lock():
        assert folder.is_held()
        with pytest.raises(AlreadyRunning, match="already runs"), folder.lock():
            pass
    assert not folder.is_held()


def test_a_torn_memory_is_an_empty_one(folder: DataFolder) -> None:
    folder.remember(web_port=8000)
    (folder.root / "state.json").write_text('{"web_port": 80')
    assert folder.remembered() == {}


def test_ports_are_kept_until_somebody_takes_them(folder: DataFolder) -> None:
    first = remembered_ports(folder, "postgres", "nats")
    assert remembered_ports(folder, "postgres", "nats") == first
    with listen_on("127.0.0.1", first["nats"]):
        later = remembered_ports(folder, "postgres", "nats")
    assert later["postgres"] == first["postgres"]
    assert later["nats"] != first["nats"]


def test_secrets_are_made_once(folder: DataFolder) -> None:
    make_credentials(folder)
    before = {path.name: path.read_text() for path in folder.secrets.iterdir()}
    make_credentials(folder)
    assert before == {path.name: path.read_text() for path in folder.secrets.iterdir()}
    assert len(set(before.values())) == len(before)


def test_the_public_identity_keys_hold_no_private_part(folder: DataFolder) -> None:
    make_credentials(folder)
    public = json.loads((folder.secrets / "identity.jwks").read_text())["keys"][0]
    private = json.loads((folder.secrets / "identity.private.jwks").read_text())["keys"][0]
    assert (public["crv"], public["alg"], "d" in public) == ("Ed25519", "Ed25519", False)
    assert (private["kid"], private["x"], "d" in private) == (public["kid"], public["x"], True)


def test_settings_name_everything_and_keep_what_an_operator_added(folder: DataFolder) -> None:
    make_credentials(folder)
    instance = Instance(folder, 1, 2, 3)
    instance.write_settings()
    path = instance.settings_file("notifications")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"smtp_url": "smtp://mail"}))
    instance.write_settings()
    assert json.loads(path.read_text())["smtp_url"] == "smtp://mail"
    assert "identity_private_key_file" in json.loads(instance.settings_file("catalog").read_text())
    assert "identity_private_key_file" not in json.loads(path.read_text())


def test_the_default_lies_in_the_project_when_the_engines_can_enter_it(place: Path) -> None:
    assert default_folder("x", project=place) == place / ".boucle" / "x"


@pytest.mark.skipif(engine_user(None) is None, reason="an ordinary user always reaches its own project")
def test_a_private_project_of_root_gets_a_place_of_its_own(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "SYSTEM_PLACE", place / "system")
    one, two = place / "private" / "one", place / "private" / "two"
    one.mkdir(parents=True)
    two.mkdir()
    one.parent.chmod(0o700)
    chosen = default_folder("x", project=one, choose=True)
    assert chosen.parent == place / "system"
    assert default_folder("x", project=one) == chosen
    assert default_folder("x", project=two, choose=True) != chosen


@pytest.mark.skipif(engine_user(None) is None, reason="only root needs another user")
def test_an_unreachable_folder_is_refused_in_words(place: Path) -> None:
    place.chmod(0o700)
    with pytest.raises(DataFolderRefused, match="cannot be reached by the user"):
        DataFolder(place / "data").create()


def test_reach_follows_owner_group_and_others(place: Path) -> None:
    stranger, member = EngineUser("stranger", 54321, 54321), EngineUser("member", 54321, place.stat().st_gid)
    place.chmod(0o710)
    assert (stranger.can_enter(place), member.can_enter(place)) == (False, True)
    place.chmod(0o701)
    assert (stranger.can_enter(place), member.can_enter(place)) == (True, False)
