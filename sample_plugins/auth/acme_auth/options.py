"""The options of the plugin, the table ``[plugins.acme__auth.options]`` of ``host.toml``."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

#: The minimum length of a secret in bytes: that of a hash of HS256 (RFC 7518, section 3.2).
SECRET_BYTES = 32


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < SECRET_BYTES:
        raise ValueError(f"a secret has at least {SECRET_BYTES} bytes; create one with: openssl rand -base64 32")
    return secret


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != text:
        raise ValueError(f"{text!r} is not an origin such as 'https://app.example.org'")
    return text.lower()


class AuthOptions(BaseModel):
    """All options.

    Args:
        secret: the secret that signs the tokens. By default, one is created at the first use and stored in the database.
        audience: the audience in the tokens; tokens for another audience are not valid.
        token_seconds: the lifetime of a session.
        admins: the emails of users who get the role ``admin`` when they register or log in. Ownership of an address is not
            verified, so register these before others can reach the host.
        attempts: how many logins of an account may fail within a window.
        attempts_per_address: how many logins may fail, and how many users may register, from a network address within a window.
        attempts_window: the length of a window in seconds.
        address_header: the header in which a proxy passes the client's address, e.g. ``X-Forwarded-For``; its last entry counts.
            Set it only behind a proxy that writes the header: otherwise clients choose their address.
        origins: the origins of pages on other hosts that may open WebSockets by cookie, e.g. ``https://app.example.org``.
        hash_rounds: the number of rounds of argon2; after a change, a password is hashed again at the next login.
        hash_memory: the memory of argon2 in KiB.
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
