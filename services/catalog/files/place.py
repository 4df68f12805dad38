"""A bucket as settings name it; apart from what asks it, which is large to load."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from shared.settings.addresses import is_encrypted


class S3(BaseModel):
    """What must be known of a bucket; all of it, or the service does not start."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str
    bucket: str = Field(min_length=3)
    access_key_id: str = Field(min_length=1)
    secret_access_key: SecretStr = Field(min_length=1)
    region: str = "us-east-1"
    # Of the authority that signed its certificate, where that is one's own.
    certificate_file: Path | None = None

    @field_validator("endpoint")
    @classmethod
    def _over_https(cls, endpoint: str) -> str:
        if not is_encrypted(endpoint):
            raise ValueError("a bucket is reached over https; http is for a store on this machine")
        return endpoint.rstrip("/")
