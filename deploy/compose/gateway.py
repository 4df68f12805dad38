"""Writes the gateway's configuration from the one table of addresses: `python -m deploy.compose.gateway`."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.compose.places import PAGES_PORT
from deploy.embedded.dispatcher import RETRY_AFTER_SECONDS, WORDS
from shared.web.urls import DEFAULT, LANGUAGES, PREFIXES, SERVICES, in_language

CADDYFILE = Path(__file__).resolve().parent / "Caddyfile"
MAIL_PAGES_PORT, HEALTH_PORT = 8025, 8081
# Above Litestar's own limit for a body, so that the service says it in its words.
LARGEST_BODY = "12MiB"
# Caddy puts the name of the service there, which is the name of its container.
UPSTREAM = "{http.reverse_proxy.upstream.host}"
# A service that is started again is waited for, as `make run` holds requests on the open socket.
# A container that is away does not refuse: the attempt to reach it has to end by itself.
PATIENCE = """\
lb_try_duration 10s
			lb_try_interval 250ms
			transport http {
				dial_timeout 1s
			}"""

INDENT = "\t" * 4

FILE = """\
# Written by `python -m deploy.compose.gateway` from shared/web/urls.py: change that, and write it again.
#
# Caddy itself sets X-Forwarded-For, -Host and -Proto and believes none that comes from outside, passes Host on (which
# the check against forged requests compares), and flushes server-sent events at once. `flush_interval -1` is left out
# on purpose: it would keep a stream open to the service after its browser has gone.
{
	admin off
	http_port 8080
	https_port 8443
	servers {
		timeouts {
			read_header 10s
			idle 2m
		}
	}
}

# BOUCLE_SITE is a name such as boucle.example.org for HTTPS with a certificate of its own, see https.yml.
{$BOUCLE_SITE:http://:8080} {
	request_body {
		max_size <LARGEST_BODY>
	}
	@encrypted protocol https
	header @encrypted Strict-Transport-Security "max-age=31536000"

	# Every image holds the same files, under names with their hash.
	handle /static/* {
		reverse_proxy <EVERYBODY> {
			lb_policy first
			<PATIENCE>
		}
	}
<SERVICES>
	handle_errors {
		@away expression {http.error.status_code} in [502, 503, 504]
		handle @away {
			header {
				Cache-Control no-store
				Content-Security-Policy "default-src 'none'; frame-ancestors 'none'"
				Retry-After <RETRY_AFTER>
				X-Content-Type-Options nosniff
			}
			@page header Accept *text/html*
			handle @page {
				header Content-Type "text/html; charset=utf-8"
<PAGES>
			}
			handle {
				header Content-Type application/problem+json
				respond <PROBLEM> 503
			}
		}
		handle {
			respond {http.error.status_code}
		}
	}
}

# What the mail catcher caught; docker-compose.yml publishes it on the own machine only.
http://:<MAIL_PAGES_PORT> {
	reverse_proxy mail:<MAIL_PAGES_PORT>
}

# For the container's own health check.
http://127.0.0.1:<HEALTH_PORT> {
	respond 200
}
"""


def configuration() -> str:
    """The text of the Caddyfile."""
    filled = {
        "LARGEST_BODY": LARGEST_BODY,
        "EVERYBODY": " ".join(f"{service}:{PAGES_PORT}" for service in SERVICES),
        "PATIENCE": PATIENCE,
        "SERVICES": "".join(_handle(service) for service in (*PREFIXES.values(), DEFAULT)),
        "RETRY_AFTER": str(RETRY_AFTER_SECONDS),
        "PAGES": "\n".join(_unavailable(language) for language in reversed(LANGUAGES)),
        "PROBLEM": f"`{json.dumps(_problem(), ensure_ascii=False)}`",
        "MAIL_PAGES_PORT": str(MAIL_PAGES_PORT),
        "HEALTH_PORT": str(HEALTH_PORT),
    }
    text = FILE
    for name, value in filled.items():
        text = text.replace(f"<{name}>", value)
    return text


def matcher(prefix: str) -> str:
    """The addresses of a prefix in every language, as `service_for` reads them (RE2, which Python reads alike)."""
    return f"^/*(?:(?:{'|'.join(LANGUAGES)})/+)?{prefix.strip('/')}(?:/|$)"


def _handle(service: str) -> str:
    prefix = next((prefix for prefix, owner in PREFIXES.items() if owner == service), None)
    named = f"\n\t@{service} path_regexp {matcher(prefix)}\n\thandle @{service} {{" if prefix else "\n\thandle {"
    return f"{named}\n\t\treverse_proxy {service}:{PAGES_PORT} {{\n\t\t\t{PATIENCE}\n\t\t}}\n\t}}\n"


def _unavailable(language: str) -> str:
    """The page in words. The address that was asked for is not in it, since that comes from outside."""
    title, detail, again, home = WORDS[language]
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title></head><body><main><h1>{title}</h1>'
        f'<p>{detail.format(name=UPSTREAM)}</p><p><a href="">{again}</a> · '
        f'<a href="{in_language("/", language)}">{home}</a></p></main></body></html>'
    )
    if language == LANGUAGES[0]:
        return f"{INDENT}respond `{page}` 503"
    return f"{INDENT}@{language} path /{language} /{language}/*\n{INDENT}respond @{language} `{page}` 503"


def _problem() -> dict[str, object]:
    title, detail, *_ = WORDS[LANGUAGES[0]]
    return {"type": "about:blank", "title": title, "status": 503, "detail": detail.format(name=UPSTREAM)}


if __name__ == "__main__":
    CADDYFILE.write_text(configuration(), encoding="utf-8")
