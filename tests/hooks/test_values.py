"""The docstrings of what plugin authors import: each argument is described, and each example runs."""

from __future__ import annotations

import doctest
import inspect
import re
from typing import Any, Protocol

import pytest

import hookspecs

#: What the examples may use without importing it.
NAMES = {name: getattr(hookspecs, name) for name in hookspecs.__all__} | {"Protocol": Protocol}
#: Classes and functions of the package, by name; the rest are constants.
PUBLIC = {name: value for name, value in NAMES.items() if getattr(value, "__module__", "").startswith("hookspecs.")}
PUBLIC = {name: value for name, value in PUBLIC.items() if inspect.isclass(value) or inspect.isfunction(value)}

each_value = pytest.mark.parametrize("name", sorted(PUBLIC))


def parameters(value: Any) -> list[str]:
    """The arguments that a caller passes; a protocol, an enumeration and what the host fills in have none."""
    if inspect.isclass(value) and (getattr(value, "_is_protocol", False) or hasattr(value, "__members__")):
        return []
    return [name for name in inspect.signature(value).parameters if name != "owner" or value is hookspecs.Grant]


@each_value
def test_each_argument_is_described(name: str) -> None:
    text = inspect.getdoc(PUBLIC[name]) or ""
    section = re.search(r"^Args:\n((?:    .*\n|\n)*)", text, re.MULTILINE)
    described = re.findall(r"^    (\w+): \S", section[1], re.MULTILINE) if section else []
    assert described == parameters(PUBLIC[name])


@each_value
def test_the_example_runs(name: str) -> None:
    examples = doctest.DocTestParser().get_doctest(PUBLIC[name].__doc__ or "", dict(NAMES), name, None, None)
    assert examples.examples
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=report.append)
    assert report == []
