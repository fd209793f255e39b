"""The package as the host sees it, and its options."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import acme_auth
import pytest
from acme_auth.browsers import CSRF_COOKIE, CSRF_HEADER
from acme_auth.models import Credential, SigningKey
from acme_auth.options import AuthOptions
from acme_auth.requests import Login
from pydantic import ValidationError

PACKAGE = Path(acme_auth.__file__).parent


def imports() -> Iterator[tuple[str, str]]:
    """Yield each module of the package with each module that it imports."""
    for module in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((module.name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield module.name, node.module or "."


def test_it_imports_the_public_api_only():
    public = {"argon2", "hookspecs", "litestar", "beanie", "pydantic", "pymongo", "msgspec", "acme_auth"} | sys.stdlib_module_names
    assert [(module, name) for module, name in imports() if name.split(".")[0] not in public and name != "host.data"] == []


@pytest.mark.parametrize(
    "given",
    [
        {"secret": "short"},
        {"token_seconds": 0},
        {"attempts": 0},
        {"hash_memory": 64},
        {"origins": ["app.example.org"]},
        {"origins": ["https://app.example.org/"]},
        {"address_header": "X Forwarded"},
        {"colour": "red"},
    ],
    ids=str,
)
def test_invalid_options_are_refused(given):
    with pytest.raises(ValidationError):
        AuthOptions.model_validate(given)


def test_the_secret_is_not_shown():
    options = AuthOptions.model_validate({"secret": "s" * 32})
    assert "ssss" not in repr(options)
    assert "ssss" not in str(options.model_dump())


@pytest.mark.parametrize(
    "value",
    [
        Credential.model_construct(id="ada", hash="hunter2"),
        SigningKey.model_construct(id="jwt", secret="hunter2"),
        Login(email="a@b", password="hunter2"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_repr_of_an_object_contains_no_secret(value):
    assert "hunter2" not in repr(value)


def test_the_generated_file_names_the_csrf_cookie_and_header(tmp_path):
    (tmp_path / "host.toml").write_text('[plugins]\nenabled = ["acme-auth"]\n', encoding="utf-8")
    command = [Path(sys.executable).parent / "host", "generate-config"]
    ran = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    text = (tmp_path / "generated-config.ts").read_text(encoding="utf-8")
    assert f'custom: {{ csrf: {{ cookie: "{CSRF_COOKIE}", header: "{CSRF_HEADER}" }} }},' in text
