"""Catches mail over SMTP and shows it where Mailpit does: `/api/v1/messages`; for trying Boucle, without Mailpit."""

import json
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

SMTP_PORT, PAGES_PORT = 1025, 8025
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a container without published ports
caught: list[dict[str, Any]] = []


class Catch:
    """Takes every letter."""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=default)
        body = mail.get_body()
        caught.append(
            {
                "ID": mail["Message-ID"],
                "From": {"Address": envelope.mail_from},
                "To": [{"Address": address} for address in envelope.rcpt_tos],
                "Subject": mail["Subject"],
                "Snippet": body.get_content()[:250] if body else "",
            }
        )
        return "250 kept"


class Pages(BaseHTTPRequestHandler):
    """The one page that is asked for."""

    def do_GET(self) -> None:
        """The newest first."""
        found = self.path == "/api/v1/messages"
        answer = json.dumps({"total": len(caught), "messages": caught[::-1]} if found else {}).encode()
        self.send_response(200 if found else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


if __name__ == "__main__":
    Controller(Catch(), hostname=EVERYWHERE, port=SMTP_PORT).start()
    ThreadingHTTPServer((EVERYWHERE, PAGES_PORT), Pages).serve_forever()
