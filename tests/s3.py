"""A twin of a store behind the S3 protocol: it checks who signed what, keeps objects, and fails as a test asks."""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.etree import ElementTree

BUCKET, REGION, KEY_ID, SECRET = "boucle-files", "eu-west-3", "AKIABOUCLETEST", "a-secret/of+the=twin"
LATE = timedelta(minutes=15)


def signature_of(
    secret: str, method: str, path: str, query: str, headers: dict[str, str], *, signed: str, scope: str, digest: str
) -> str:
    """AWS Signature Version 4 of a request; `signed` are the names of its headers, joined by `;`."""
    asked = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in _pairs(query))
    lines = [method, path, "&".join(f"{name}={value}" for name, value in asked)]
    lines += [f"{name}:{' '.join(headers[name].split())}" for name in signed.split(";")]
    canonical = "\n".join([*lines, "", signed, digest])
    to_sign = "\n".join(
        ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()]
    )
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


class Twin:
    """What it holds, by key: bytes and when they came; `fault` is what it does instead, `refused` what it sent away."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, datetime]] = {}
        self.asked: list[str] = []
        self.refused: list[str] = []
        # error: 500; slow: no answer; cut: half of an object, then nothing; once: a 500, then all is well.
        self.fault = ""
        self.endpoint = ""
        self.released = threading.Event()

    def bytes_of(self, name: str) -> bytes:
        return self.objects[f"files/{name}"][0]


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    twin: Twin

    def do_GET(self) -> None:
        if (key := self._key()) is None:
            return
        if not key:
            self._list()
            return
        if key not in self.twin.objects:
            self._error(404, "NoSuchKey")
            return
        data, at = self.twin.objects[key]
        first = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(data) - first))
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.send_header("ETag", f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"')
        self.send_header("Last-Modified", f"{at:%a, %d %b %Y %H:%M:%S} GMT")
        self.end_headers()
        if self.twin.fault == "cut":
            self.wfile.write(data[first : first + (len(data) - first) // 2])
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
        else:
            self.wfile.write(data[first:])

    def do_PUT(self) -> None:
        if (key := self._key()) is not None:
            self.twin.objects[key] = (self.body, datetime.now(UTC))
            self._say(200, b"", ETag=f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"')

    def do_DELETE(self) -> None:
        if (key := self._key()) is not None:
            self.twin.objects.pop(key, None)
            self._say(204, b"")

    def do_POST(self) -> None:
        if self._key() is not None:
            every = ElementTree.fromstring(self.body).iter()  # noqa: S314 - our own client wrote it
            keys = [each.text for each in every if each.tag.endswith("Key") and each.text]
            for key in keys:
                self.twin.objects.pop(key, None)
            said = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self._say(200, f"<DeleteResult>{said}</DeleteResult>".encode())

    def _list(self) -> None:
        prefix = dict(_pairs(urlsplit(self.path).query)).get("prefix", "")
        lines = "".join(
            f"<Contents><Key>{key}</Key><LastModified>{at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
            f"<ETag>&quot;x&quot;</ETag><Size>{len(data)}</Size></Contents>"
            for key, (data, at) in sorted(self.twin.objects.items())
            if key.startswith(prefix)
        )
        said = f"<ListBucketResult><IsTruncated>false</IsTruncated>{lines}</ListBucketResult>"
        self._say(200, said.encode(), **{"Content-Type": "application/xml"})

    def _key(self) -> str | None:
        """What is asked for, the bucket's own name left out; None when it was answered already."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        self.twin.asked.append(f"{self.command} {self.path}")
        fault = self.twin.fault
        if fault == "slow":
            self.twin.released.wait(30)
            self.close_connection = True
            return None
        if fault in ("error", "once"):
            self.twin.fault = "" if fault == "once" else fault
            self._error(500, "InternalError")
            return None
        if (why := self._wrong(parts.path, parts.query)) is not None:
            self.twin.refused.append(why)
            self._error(403, "SignatureDoesNotMatch")
            return None
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        if bucket == BUCKET:
            return key
        self._error(404, "NoSuchBucket")
        return None

    def _wrong(self, path: str, query: str) -> str | None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = headers.get("authorization", "")
        if not said.startswith("AWS4-HMAC-SHA256 "):
            return "unsigned"
        fields = dict(part.strip().split("=", 1) for part in said.split(" ", 1)[1].split(","))
        key_id, scope = fields["Credential"].split("/", 1)
        digest = headers["x-amz-content-sha256"]
        if digest != hashlib.sha256(self.body).hexdigest():
            return "another body"
        at = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs(datetime.now(UTC) - at) > LATE or not scope.startswith(f"{at:%Y%m%d}/{REGION}/s3/"):
            return "another day or place"
        expected = signature_of(
            SECRET, self.command, path, query, headers, signed=fields["SignedHeaders"], scope=scope, digest=digest
        )
        if key_id != KEY_ID or not hmac.compare_digest(expected, fields["Signature"]):
            return "another signature"
        return None

    def _error(self, status: int, code: str) -> None:
        self._say(status, f"<Error><Code>{code}</Code></Error>".encode())

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:
        """Nobody listens."""


@contextmanager
def s3() -> Iterator[Twin]:
    """One on loopback, with one empty bucket."""
    twin = Twin()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"twin": twin}))
    server.daemon_threads = True
    twin.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield twin
    finally:
        twin.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
