"""The identity token says who, for less than a minute, and nothing else passes for it."""

import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from shared.identity import Role, Signer, Verifier
from shared.identity.revocations import Revocations
from tests.support import an_identity


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Signer, Verifier, OKPKey]:
    key = OKPKey.generate_key("Ed25519", {"kid": "one", "use": "sig"})
    private, public = tmp_path / "private", tmp_path / "public"
    private.write_text(json.dumps({"keys": [key.as_dict(private=True)]}))
    public.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    return Signer(private), Verifier(public), key


def test_a_token_brings_back_the_identity(keys: tuple[Signer, Verifier, OKPKey]) -> None:
    signer, verifier, _ = keys
    identity = an_identity(role=Role.VIEWER, roles=frozenset({"ess", "publisher"}))
    assert verifier.read(signer.mint(identity)) == identity


def test_a_changed_token_is_nobody(keys: tuple[Signer, Verifier, OKPKey]) -> None:
    signer, verifier, _ = keys
    header, claims, signature = signer.mint(an_identity()).split(".")
    other = signer.mint(an_identity()).split(".")[1]
    assert verifier.read(f"{header}.{other}.{signature}") is None
    assert verifier.read(f"{header}.{claims}.") is None
    assert verifier.read("") is None


def test_an_expired_token_is_nobody(keys: tuple[Signer, Verifier, OKPKey], monkeypatch: pytest.MonkeyPatch) -> None:
    signer, verifier, _ = keys
    token = signer.mint(an_identity())
    monkeypatch.setattr("shared.identity.token.TOKEN_LIFE", __import__("datetime").timedelta(seconds=-1))
    assert verifier.read(token) is not None
    assert verifier.read(signer.mint(an_identity())) is None
    assert verifier.read(token, life_left_s=60) is None


def test_another_key_or_algorithm_is_nobody(keys: tuple[Signer, Verifier, OKPKey]) -> None:
    _, verifier, _ = keys
    stranger = OKPKey.generate_key("Ed25519", {"kid": "one"})
    claims = {"iss": "boucle", "exp": 9_999_999_999, "sub": "x"}
    forged = jwt.encode({"alg": "Ed25519", "kid": "one"}, claims, stranger, algorithms=["Ed25519"])
    assert verifier.read(forged) is None


def test_a_role_includes_the_smaller_ones() -> None:
    editor = an_identity(role=Role.EDITOR)
    assert editor.may(Role.VIEWER)
    assert editor.may(Role.EDITOR)
    assert not editor.may(Role.OWNER)


def test_revocations_are_remembered_as_long_as_a_token_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [0.0]
    monkeypatch.setattr("shared.identity.revocations.time.monotonic", lambda: moment[0])
    revocations, one, two = Revocations(), an_identity().session_id, an_identity().session_id
    revocations.add(one)
    moment[0] = 120
    revocations.add(two)
    assert two in revocations
    assert one not in revocations


@pytest.mark.promise(58)
def test_the_key_is_changed_without_anybody_noticing(tmp_path: Path) -> None:
    """Everybody believes both, then the new one signs, then the old one goes: no living token is ever refused."""
    old, new = (OKPKey.generate_key("Ed25519", {"kid": name, "use": "sig"}) for name in ("old", "new"))

    def file(name: str, *keys: OKPKey, private: bool) -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(KeySet(list(keys)).as_dict(private=private)))
        return path

    before = Signer(file("signs before", old, private=True)).mint(an_identity())
    after = Signer(file("signs after", new, old, private=True)).mint(an_identity())
    meanwhile = Verifier(file("believes both", old, new, private=False))
    assert None not in (meanwhile.read(before), meanwhile.read(after))
    afterwards = Verifier(file("believes the new one", new, private=False))
    assert afterwards.read(before) is None
    assert afterwards.read(after) is not None
