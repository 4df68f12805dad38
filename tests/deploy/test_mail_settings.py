"""Whether letters leave is known to catalog from what an operator set for notifications."""

import json
import stat
from pathlib import Path

import pytest

from deploy.embedded.credentials import make_credentials
from deploy.embedded.data_folder import DataFolder
from deploy.embedded.instance import Instance


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    folder = DataFolder(tmp_path / "data")
    for part in (folder.secrets, folder.settings):
        part.mkdir(parents=True)
    make_credentials(folder)
    return Instance(folder, 1, 2, 3)


def sends_mail(instance: Instance) -> bool:
    instance.write_settings()
    return bool(json.loads(instance.settings_file("catalog").read_text())["sends_mail"])


def test_a_first_run_keeps_nobody_from_publishing(instance: Instance) -> None:
    assert not sends_mail(instance)


def test_a_server_for_mail_is_seen_at_the_next_start_and_its_absence_too(instance: Instance) -> None:
    instance.write_settings()
    file = instance.settings_file("notifications")
    kept = json.loads(file.read_text())
    file.write_text(json.dumps(kept | {"smtp_url": "smtp://127.0.0.1:2525"}))
    assert sends_mail(instance)
    assert json.loads(file.read_text())["smtp_url"] == "smtp://127.0.0.1:2525"
    file.write_text(json.dumps(kept))
    assert not sends_mail(instance)


def test_one_named_by_the_environment_counts(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUCLE_NOTIFICATIONS_SMTP_URL", "smtp://127.0.0.1:2525")
    assert sends_mail(instance)


def test_the_key_of_links_is_its_owners_and_given_to_two_services_only(instance: Instance) -> None:
    assert stat.S_IMODE(instance.link_keys_file.stat().st_mode) == 0o600
    having = {each for each in ("catalog", "matching", "notifications") if "link_keys_file" in instance.settings(each)}
    assert having == {"catalog", "notifications"}


def test_letters_may_be_answered_where_catalog_takes_answers_in(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reply_domain() -> str:
        instance.write_settings()
        return str(json.loads(instance.settings_file("notifications").read_text())["reply_domain"])

    assert reply_domain() == ""
    file = instance.settings_file("catalog")
    kept = json.loads(file.read_text())
    replies = {"domain": "reponses.exemple.fr", "authserv_id": "mx.exemple.fr"}
    file.write_text(json.dumps(kept | {"replies": replies}))
    assert reply_domain() == "reponses.exemple.fr"
    file.write_text(json.dumps(kept))
    assert reply_domain() == ""
    monkeypatch.setenv("BOUCLE_CATALOG_REPLIES", json.dumps(replies))
    assert reply_domain() == "reponses.exemple.fr"
