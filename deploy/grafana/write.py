"""Writes the two files that Grafana and Prometheus read: `python -m deploy.grafana.write`."""

import json
from pathlib import Path

from deploy.grafana.alerts import rules
from deploy.grafana.dashboard import dashboard

HERE = Path(__file__).resolve().parent


def files() -> dict[Path, str]:
    """Each file with what belongs into it; JSON, which is YAML too."""
    found = {HERE / "dashboard.json": dashboard(), HERE / "alerts.yml": rules()}
    return {path: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for path, content in found.items()}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
