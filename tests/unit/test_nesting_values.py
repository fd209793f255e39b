"""Children, layers, static directories and request services validate their arguments."""

from __future__ import annotations

from typing import Any

import pytest

from hookspecs import Child, Layer, RequestService, Static


@pytest.mark.parametrize("name", ["", "Invoice", "in-voice", "in.voice", "_mixin", "1st", "a__b", "a_", "a\n", "é", 3, None])
def test_an_invalid_name_of_a_child_is_refused(name: Any) -> None:
    with pytest.raises(ValueError, match=r"the name .* of a child plugin must be"):
        Child(object(), name)


@pytest.mark.parametrize("name", ["invoice", "a", "a1", "two_words", "v2_beta"])
def test_a_valid_name_of_a_child_is_accepted(name: str) -> None:
    assert Child(object(), name).name == name


@pytest.mark.parametrize("options", [None, 3, [("a", 1)], "text"])
def test_invalid_options_of_a_child_are_refused(options: Any) -> None:
    with pytest.raises(TypeError, match="must be a mapping or a function"):
        Child(object(), "child", options=options)


def test_the_prefix_of_a_child_is_a_string() -> None:
    with pytest.raises(TypeError, match="prefix of the child plugin child must be a string"):
        Child(object(), "child", prefix=3)  # type: ignore[arg-type]  # the wrong type is tested


@pytest.mark.parametrize("more", [{"prefix": "/x"}, {"options": {"prefix": "/x"}}])
def test_a_shared_child_has_no_prefix(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="child is shared, so it has no scope of its own for the prefix '/x'"):
        Child(object(), "child", shared=True, **more)


@pytest.mark.parametrize(
    "more",
    [
        {"guards": len},
        {"guards": [3]},
        {"guards": "text"},
        {"exception_handlers": {404: 3}},
        {"exception_handlers": [3]},
        {"before_request": 3},
        {"after_request": "text"},
        {"after_response": []},
        {"dependencies": {3: len}},
        {"dependencies": [len]},
        {"opt": {3: 4}},
        {"opt": 3},
    ],
)
def test_a_layer_with_invalid_arguments_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Layer"):
        Layer(**more)


@pytest.mark.parametrize("factory", [3, [], {}, "text", None])
def test_a_request_service_needs_a_factory(factory: Any) -> None:
    with pytest.raises(TypeError, match="RequestService takes a factory"):
        RequestService(factory)


@pytest.mark.parametrize("path", ["", "/", "//", "/{name:str}", "/a/{rest:path}"])
def test_an_invalid_path_of_static_files_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is a fixed path"):
        Static("files", path)
