"""The values that hooks return validate their arguments."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import Any, Protocol

import pytest

from hookspecs import (
    Channel,
    Child,
    Contract,
    Extension,
    ExtensionPoint,
    Extensions,
    Frontend,
    Layer,
    PayloadHandler,
    RequestService,
    Rules,
    Service,
    Static,
    StoreAction,
    Uses,
    anyone,
    operation,
)
from hookspecs.values import RESERVED_NAMES, Owned


class Stock(Protocol):
    limit: int

    def left(self, item: str) -> int: ...


class Larger(Stock, Protocol):
    def add(self, item: str) -> None: ...


class Shelf:
    limit = 3

    def left(self, item: str) -> int:
        return len(item)


class Item:
    title = "x"


def text(value: Any) -> str:
    return str(value)


MADE = [
    Service(list),
    Contract(Stock, Shelf(), "1.2"),
    Uses(Stock, "stock", version=">=1,<2"),
    PayloadHandler(Item, text, text),
    ExtensionPoint(Stock, "1.2"),
    Extension(Stock, Shelf(), version=">=1,<2", optional=True),
    Rules(model=Item, read=anyone),
    Channel("itemCreated", Item, guards=[text]),
    Frontend(),
    RequestService(list),
    Child(Item(), "item"),
    Layer(),
    Static("files"),
]


@pytest.mark.parametrize("value", MADE, ids=lambda value: type(value).__name__)
def test_values_are_frozen_and_have_an_owner(value: Owned) -> None:
    assert value.owner == ""
    assert dataclasses.replace(value, owner="acme__todo").owner == "acme__todo"
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.owner = "me"  # type: ignore[misc]  # the assignment is tested


def test_every_value_class_is_covered_here() -> None:
    assert {type(value).__name__ for value in MADE} == {kind.__name__ for kind in Owned.__subclasses__()}


@pytest.mark.parametrize("arguments", [(3,), (None,), (list, 3)])
def test_a_service_takes_callables(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="takes callables"):
        Service(*arguments)


@pytest.mark.parametrize("protocol", [Shelf, 3, None, "Stock", Protocol.__class__])
def test_a_contract_is_a_protocol(protocol: Any) -> None:
    with pytest.raises(TypeError, match="a contract must be"):
        Contract(protocol, Shelf(), "1")
    with pytest.raises(TypeError, match="a contract must be"):
        Uses(protocol, "stock")
    with pytest.raises(TypeError, match="an extension point must be"):
        ExtensionPoint(protocol)
    with pytest.raises(TypeError, match="an extension point must be"):
        Extension(protocol, Shelf())


def test_a_contract_does_not_check_its_implementation_at_once() -> None:
    assert Contract(Stock, object(), "1").implementation is not None
    assert Extension(Stock, None).implementation is None


@pytest.mark.parametrize("version", ["", "one", "1.x", ">=1"])
def test_a_contract_has_a_version(version: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        Contract(Stock, Shelf(), version)
    with pytest.raises(ValueError, match=r"extension point Stock: .* is not a version"):
        ExtensionPoint(Stock, version)


@pytest.mark.parametrize("version", ["one", "1", ">1 <2", "=>1"])
def test_a_use_has_a_range(version: str) -> None:
    with pytest.raises(ValueError, match="is not a version range"):
        Uses(Stock, "stock", version=version)
    with pytest.raises(ValueError, match=r"extension of Stock: .* is not a version range"):
        Extension(Stock, Shelf(), version=version)


@pytest.mark.parametrize("name", ["", "two words", "1st", "class", "a-b", 3, None])
def test_the_name_of_a_use_is_a_valid_argument_name(name: Any) -> None:
    with pytest.raises(ValueError, match="is not a Python identifier"):
        Uses(Stock, name)


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_the_name_of_a_use_is_not_reserved(name: str) -> None:
    with pytest.raises(ValueError, match="is reserved"):
        Uses(Stock, name)


def test_a_payload_handler_has_a_class_and_callables() -> None:
    with pytest.raises(TypeError, match="must be a class"):
        PayloadHandler(Item(), text, text)  # type: ignore[arg-type]  # the wrong type is tested
    for wrong in ({"display_name": 3}, {"completion": "x"}, {"fields": {}}):
        with pytest.raises(TypeError, match=f"{next(iter(wrong))} of the payload handler of Item must be callable"):
            PayloadHandler(**({"model": Item, "display_name": text, "completion": text} | wrong))


def test_the_datatype_of_a_payload_is_the_class_name_unless_set() -> None:
    assert PayloadHandler(Item, text, text).datatype == "item"
    assert PayloadHandler(Item, text, text, type="thing").datatype == "thing"


@pytest.mark.parametrize("key", ["", "1st", "two words", "a-b", "a.b", "ü", "a\n", "a--b"])
def test_an_invalid_channel_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="must be letters"):
        Channel(key, Item)


@pytest.mark.parametrize("guards", [["signed_in"], [text, 3], [None]])
def test_the_guards_of_a_channel_are_callables(guards: Any) -> None:
    with pytest.raises(TypeError, match="a guard of the channel 'itemCreated' must be callable"):
        Channel("itemCreated", Item, guards=guards)


def test_extensions_are_a_sequence_with_owners() -> None:
    first, second = Shelf(), Shelf()
    extensions = Extensions([("acme__a", first), ("acme__b", second)])
    assert (len(extensions), list(extensions), extensions[1], list(extensions[:1])) == (2, [first, second], second, [first])
    assert extensions.owners == ("acme__a", "acme__b")
    assert list(extensions.owned()) == [("acme__a", first), ("acme__b", second)]
    assert repr(Extensions([("acme__a", 3)])) == "Extensions(acme__a: 3)"
    assert not Extensions()


def test_a_frontend_gives_each_entity_a_different_name() -> None:
    with pytest.raises(ValueError, match="gives the same name to two entities: thing"):
        Frontend(entity_names={"a": "thing", "b": "thing", "c": "other"})


@pytest.mark.parametrize("custom", [{"a": object()}, {"a": {1, 2}}, {"a": float("nan")}, {"a": b"x"}])
def test_the_custom_data_of_a_frontend_is_json(custom: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="custom of a Frontend is not JSON"):
        Frontend(custom=custom)


def test_a_frontend_that_contains_itself_is_not_json() -> None:
    custom: dict[str, Any] = {}
    custom["me"] = custom
    with pytest.raises(TypeError, match="is not JSON"):
        Frontend(custom=custom)


def test_any_mapping_is_accepted_as_json() -> None:
    assert Frontend(custom={"a": MappingProxyType({"b": [1, None, "x"]})})


@pytest.mark.parametrize("action", [*StoreAction, *(action.value for action in StoreAction), None])
def test_operation_returns_the_opt_of_a_route(action: str | None) -> None:
    opt = operation(action, name="fetch", broadcast=["itemCreated"])
    assert opt == {"operation": {"store_action": action, "name": "fetch", "broadcast": ("itemCreated",)}}


def test_invalid_operations_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown store action 'dataMake'; there are dataRead"):
        operation("dataMake")
    with pytest.raises(ValueError, match="may not be empty"):
        operation(name="")
    with pytest.raises(TypeError, match="takes a list of channel keys"):
        operation(broadcast="itemCreated")
