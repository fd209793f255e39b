"""The namespace of a plugin must not have a name that the file declares or refers to."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from host.frontend.names import RESERVED_NAMESPACES

#: A namespace has at least two words, each of which begins with a capital letter: ``AcmeTodo``.
_NAMESPACE = re.compile(r"[A-Z][a-z0-9]+[A-Z][A-Za-z0-9]*")


@pytest.mark.parametrize("name", ["prelude.ts", "runtime.ts"])
def test_names_in_the_file_are_reserved(name: str) -> None:
    text = files("host.frontend").joinpath(name).read_text(encoding="utf-8")
    code = re.sub(r'/\*.*?\*/|//.*|"[^"\n]*"', "", text)
    namespaces = {word for word in re.findall(r"[A-Za-z_$][\w$]*", code) if _NAMESPACE.fullmatch(word)}
    assert namespaces - RESERVED_NAMESPACES == set()
