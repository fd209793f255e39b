"""Remove secrets from the URLs of services before errors and logs show them."""

from __future__ import annotations

import re
from typing import Final

# From the first colon after the scheme to the last @, so that a password that should have been percent-encoded is hidden whole.
_PASSWORD: Final = re.compile(r"(?<=://)([^:/@]*):.*@", re.DOTALL)
_SECRET_OPTION: Final = re.compile(r"((?:password|token)[^=:&,]*[=:])[^&,]*", re.IGNORECASE)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")


def redact(url: str) -> str:
    """Return a URL with ``***`` for passwords and tokens, even if the URL is malformed."""
    return _SECRET_OPTION.sub(r"\1***", _PASSWORD.sub(r"\1:***@", url))


def redact_quoted(reason: str, url: str) -> str:
    """Return what a client library reports about a URL; quoted parts may belong to a password that was not percent-encoded."""
    return _QUOTED.sub('"…"', reason) if "@" in url else reason
