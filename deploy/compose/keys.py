"""The first container makes every secret once, hands each other container its own, and ends.

Nobody sees more than is needed: a service has its own `app` password and its own NATS key, never an owner's or
another's.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deploy.compose.places import (
    BOUCLE_USER_ID,
    FILES_STORE,
    GATEWAY_USER_ID,
    HANDS,
    IN_CONTAINER,
    KEPT,
    MAIL_PORT,
    NATS_HEALTH_PORT,
    NATS_NODES,
    NATS_PORT,
    NATS_ROUTE_PORT,
    NATS_STORE,
    NATS_USER_ID,
    OWN,
    POSTGRES_USER_ID,
    ComposeInstance,
    instance,
)
from deploy.embedded.credentials import NATS_USERS, SERVICES, SUPERUSER, database_roles, make_credentials, password
from deploy.embedded.data_folder import DataFolder, write_private
from deploy.embedded.nats import Nats
from deploy.embedded.postgres import DURABLE, SETTINGS
from services.catalog.files.place import S3

ROUTES_USER, ROUTES_PASSWORD = "routes", "nats_routes.password"
SMTP_URL = "smtp_url"
# The bucket of files: the settings' `s3`, as JSON.
BUCKET = "s3"
WORDS = ("csrf", ROUTES_PASSWORD, *(f"{role}.password" for role in (SUPERUSER, *database_roles())))
# One key a line, the newest first: links made with an older one still open.
LINKS = "links"
SEEDS = tuple(f"{user}.nkey" for user in NATS_USERS)
KEY_SETS = ("identity.private.jwks", "identity.jwks")
# They stand unquoted in SQL and in addresses.
PLAIN = re.compile(r"[A-Za-z0-9_-]{16,}")
HOST_RULES = """\
# passwords only, from the containers' own network only
local all all scram-sha-256
host all all samenet scram-sha-256
"""
# The image's own set-up speaks to its socket, before anybody else can connect.
IN_A_CONTAINER = {"listen_addresses": "'*'", "unix_socket_directories": "'/var/run/postgresql'"}

# Which service runs in which container; matching's worker has one of its own (docs/decisions/0010).
CONTAINERS = {**{service: service for service in SERVICES}, "matching-worker": "matching"}
# Who makes or opens the links of letters.
WRITES_LINKS = ("catalog", "notifications")
# Pages without a worker do not learn the password of a role that acts for all organisations.
PAGES_ALONE = "matching"


class OwnSecretRefused(Exception):
    """A file among the operator's own secrets cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Share:
    """What one kind of container is given: files by name, readable by its user alone."""

    user_id: int
    files: Mapping[str, str]


def take_own(own: Path, folder: DataFolder) -> list[str]:
    """Put the operator's own secrets in place of made ones; gives the names taken."""
    given = sorted(path for path in own.glob("[!.]*") if path.is_file()) if own.is_dir() else []
    for path in given:
        text = path.read_text().strip()
        _refuse_unusable(path.name, text)
        write_private(folder.secrets / path.name, text)
    return [path.name for path in given]


def _refuse_unusable(name: str, text: str) -> None:
    if name not in (*WORDS, LINKS, *SEEDS, *KEY_SETS, SMTP_URL, BUCKET):
        known = ", ".join((*WORDS, LINKS, *SEEDS, *KEY_SETS, SMTP_URL, BUCKET))
        raise OwnSecretRefused(f"{name}: no secret has this name. Known are {known}.")
    if name == BUCKET:
        _refuse_half_a_bucket(text)
    if name == LINKS and not all(PLAIN.fullmatch(line) for line in text.splitlines()):
        raise OwnSecretRefused(f"{name}: at least 16 letters, digits, - or _ on each line.")
    if name in WORDS and not PLAIN.fullmatch(text):
        raise OwnSecretRefused(f"{name}: at least 16 letters, digits, - or _, on one line.")
    if name in SEEDS and not re.fullmatch(r"SU[A-Z2-7]{56}", text):
        raise OwnSecretRefused(f"{name}: not the seed of an nkey user, as `nk -gen user` prints it.")


def _refuse_half_a_bucket(text: str) -> None:
    try:
        S3.model_validate_json(text)
    except ValidationError as error:
        # What is wrong with which field, never what the field holds.
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise OwnSecretRefused(f"{BUCKET}: {wrong}") from None


def make_secrets(folder: DataFolder) -> None:
    """Make what is missing, the password between the NATS nodes included."""
    make_credentials(folder)
    if not (folder.secrets / ROUTES_PASSWORD).exists():
        write_private(folder.secrets / ROUTES_PASSWORD, secrets.token_urlsafe(32))


def shares(known: ComposeInstance) -> dict[str, Share]:
    """Who gets which files, by the folder that only this container mounts."""
    configurations = {f"{node}.json": json.dumps(nats_configuration(known, node), indent=2) for node in NATS_NODES}
    return {
        "postgres": Share(POSTGRES_USER_ID, _for_postgres(known.folder)),
        "nats": Share(NATS_USER_ID, configurations),
        **{name: Share(BOUCLE_USER_ID, _for_service(known, name, service)) for name, service in CONTAINERS.items()},
    }


def nats_configuration(known: ComposeInstance, node: str) -> dict[str, Any]:
    """A node as on one machine, with the same users and rights, and with routes to the two others."""
    alone = Nats(known.folder, NATS_PORT, health_port=NATS_HEALTH_PORT).configuration()
    key = (known.folder.secrets / ROUTES_PASSWORD).read_text()
    others = [other for other in NATS_NODES if other != node]
    return alone | {
        "server_name": node,
        "listen": f"0.0.0.0:{NATS_PORT}",
        "jetstream": alone["jetstream"] | {"store_dir": str(NATS_STORE)},
        "cluster": {
            "name": "boucle",
            "listen": f"0.0.0.0:{NATS_ROUTE_PORT}",
            "authorization": {"user": ROUTES_USER, "password": key, "timeout": 2},
            "routes": [f"nats://{ROUTES_USER}:{key}@{other}:{NATS_ROUTE_PORT}" for other in others],
            # Clients know all three by name; addresses of a container change.
            "no_advertise": True,
            "pool_size": 3,
        },
    }


def _for_postgres(folder: DataFolder) -> dict[str, str]:
    lines = "".join(f"{name} = {value}\n" for name, value in (SETTINGS | DURABLE | IN_A_CONTAINER).items())
    return {"password": password(folder, SUPERUSER), "postgresql.conf": lines, "pg_hba.conf": HOST_RULES}


def _for_service(known: ComposeInstance, container: str, service: str) -> dict[str, str]:
    """Its settings with its secrets; where it is reached is no secret and comes from docker-compose.yml."""
    places = {
        "nats_seed_file": known.seed_file(service),
        "identity_keys_file": known.identity_keys_file,
        **({"identity_private_key_file": known.identity_private_key_file} if service == "catalog" else {}),
        **({"link_keys_file": known.link_keys_file} if service in WRITES_LINKS else {}),
    }
    settings = known.settings(service) | {name: str(IN_CONTAINER / kept.name) for name, kept in places.items()}
    if service == "catalog":
        settings["files_dir"] = str(FILES_STORE)
        if (bucket := known.folder.secrets / BUCKET).exists():
            settings["s3"] = json.loads(bucket.read_text())
    if service == "notifications":
        settings["smtp_url"] = _smtp_url(known.folder)
    for name in ("owner_database_url", "public_url", *(("work_database_url",) if container == PAGES_ALONE else ())):
        settings.pop(name, None)
    return {
        "settings.json": json.dumps(settings, indent=2),
        **{kept.name: kept.read_text() for kept in places.values()},
    }


def _smtp_url(folder: DataFolder) -> str:
    """The operator's server, or the catcher."""
    own = folder.secrets / SMTP_URL
    return own.read_text() if own.exists() else f"smtp://mail:{MAIL_PORT}"


def hand_over(place: Path, share: Share) -> None:
    """Write the share and give it to its user; what is not part of it any more goes."""
    for path in place.iterdir():
        if path.name not in share.files:
            path.unlink()
    for name, text in share.files.items():
        write_private(place / name, text)
    _give(place, share.user_id)


def _give(place: Path, user_id: int) -> None:
    for path in (*place.rglob("*"), place):
        os.chown(path, user_id, user_id)
    place.chmod(0o700)


def main() -> None:
    """Make, hand over, and prepare the empty volumes of those who do not run as root."""
    folder = DataFolder(KEPT)
    for private in (folder.secrets, folder.settings):
        private.mkdir(mode=0o700, exist_ok=True)
    try:
        taken = take_own(OWN, folder)
    except OwnSecretRefused as refused:
        sys.exit(str(refused))
    make_secrets(folder)
    known = instance(folder)
    known.write_settings()
    for name, share in shares(known).items():
        hand_over(HANDS / name, share)
    _give(KEPT, BOUCLE_USER_ID)
    for node in NATS_NODES:
        shutil.chown(HANDS / f"{node}-store", NATS_USER_ID, NATS_USER_ID)
    shutil.chown(HANDS / "gateway-store", GATEWAY_USER_ID, GATEWAY_USER_ID)
    shutil.chown(HANDS / "files-store", BOUCLE_USER_ID, BOUCLE_USER_ID)
    sys.stdout.write(f"Secrets are in place; own ones: {', '.join(taken) or 'none'}.\n")


if __name__ == "__main__":
    main()
