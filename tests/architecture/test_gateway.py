"""INVARIANT: the gateway sends every address where the one table of addresses says."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from deploy.compose.gateway import CADDYFILE, configuration
from deploy.compose.places import PAGES_PORT
from shared.web.urls import DEFAULT, LANGUAGES, PREFIXES, SERVICES, service_for

HANDLE = re.compile(
    r"^\t(?:@(?P<name>\w+) path_regexp (?P<pattern>\S+)\n\t)?handle (?:@\w+ )?\{"
    r"\n\t\treverse_proxy (?P<to>\w+):(?P<port>\d+) \{",
    re.M,
)
TABLE = [(each["pattern"] or "", each["to"], int(each["port"])) for each in HANDLE.finditer(CADDYFILE.read_text())]
WORDS = st.sampled_from([*LANGUAGES, *(prefix[1:] for prefix in PREFIXES), "needs", "matchings", "", "frmatching", "x"])


def sent_to(path: str) -> str:
    """Caddy takes the first `handle` that matches; the last one takes everything."""
    return next(service for pattern, service, _ in TABLE if re.search(pattern, path))


def test_the_saved_configuration_is_what_the_table_gives() -> None:
    assert CADDYFILE.read_text() == configuration(), "write it again: python -m deploy.compose.gateway"


def test_every_service_is_sent_to_and_what_no_prefix_names_last() -> None:
    assert [service for _, service, _ in TABLE] == [*PREFIXES.values(), DEFAULT]
    assert {port for *_, port in TABLE} == {PAGES_PORT}
    assert TABLE[-1][0] == ""


@given(st.lists(WORDS, max_size=5))
def test_it_reads_an_address_as_the_table_does(words: list[str]) -> None:
    path = "/" + "/".join(words)
    assert sent_to(path) == service_for(path), path


def test_every_route_of_every_app_goes_to_that_app(apps: dict[str, object]) -> None:
    routes = [(service, route.path) for service, app in apps.items() for route in app.routes]  # type: ignore[attr-defined]
    assert len(routes) > 50
    assert {service for service, _ in routes} == set(SERVICES)
    for service, path in routes:
        if not path.startswith("/static"):
            for prefix in ("", *(f"/{language}" for language in LANGUAGES)):
                assert sent_to(prefix + path) == service, prefix + path


def test_files_come_from_any_image_and_streams_are_not_held_back() -> None:
    text = CADDYFILE.read_text()
    everybody = " ".join(f"{service}:{PAGES_PORT}" for service in SERVICES)
    assert f"handle /static/* {{\n\t\treverse_proxy {everybody} {{" in text
    # By itself Caddy flushes server-sent events; told to, it would also keep them open for browsers that have gone.
    assert not re.search(r"^\s*(flush_interval|encode)\b", text, re.M)


def test_it_says_in_words_and_in_both_languages_that_a_service_is_away() -> None:
    text = CADDYFILE.read_text()
    assert "Cette page est indisponible un instant" in text
    assert "respond @en `<!doctype html>" in text
    assert "{http.reverse_proxy.upstream.host}" in text
    assert "{path}" not in text
    assert "{http.request" not in text
