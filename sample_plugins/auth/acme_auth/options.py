"""The options of the plugin, the table ``[plugins.acme__auth.options]`` of ``host.toml``."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

#: Bytes of a secret: as many as HS256 has in its hash (RFC 7518, 3.2).
SECRET_BYTES = 32


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < SECRET_BYTES:
        raise ValueError(f"a secret has at least {SECRET_BYTES} bytes; make one with: openssl rand -base64 32")
    return secret


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != text:
        raise ValueError(f"{text!r} is no origin such as 'https://app.example.org'")
    return text.lower()


class AuthOptions(BaseModel):
    """All options.

    Args:
        secret: signs the tokens. Without one it is made at the first use and kept in the database.
        audience: stands in the tokens; those for another are refused.
        token_seconds: how long somebody stays signed in.
        admins: who gets the role ``admin``, by email, when they register or log in. Nobody checks that an address belongs to
            who registers it, so register these before others can.
        attempts: how many logins of an account may fail in a window.
        attempts_per_address: how many logins from a network address may fail in a window, and how many users register from it.
        attempts_window: its length in seconds.
        address_header: where a proxy writes whom it speaks for, e.g. ``X-Forwarded-For``; its last entry counts. Only with a
            proxy that sets it: else clients choose their address.
        origins: of pages on other hosts that may open sockets by cookie, e.g. ``https://app.example.org``.
        hash_rounds: of argon2; passwords are hashed anew at the next login after a change.
        hash_memory: of argon2, in KiB.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret: Annotated[SecretStr, AfterValidator(_long_enough)] | None = None
    audience: str = Field(default="acme__auth", min_length=1)
    token_seconds: int = Field(default=12 * 3600, ge=1, le=31 * 24 * 3600)
    admins: tuple[Annotated[str, AfterValidator(str.lower)], ...] = ()
    attempts: int = Field(default=5, ge=1)
    attempts_per_address: int = Field(default=50, ge=1)
    attempts_window: int = Field(default=300, ge=1, le=24 * 3600)
    address_header: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$")
    origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    hash_rounds: int = Field(default=3, ge=1, le=20)
    hash_memory: int = Field(default=64 * 1024, ge=8 * 1024, le=1024 * 1024)
