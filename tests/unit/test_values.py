"""The values that hooks return check themselves when they are made."""

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
def test_they_are_frozen_and_have_an_owner(value: Owned) -> None:
    assert value.owner == ""
    assert dataclasses.replace(value, owner="acme__todo").owner == "acme__todo"
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.owner = "me"  # type: ignore[misc]  # that is what is tried


def test_every_value_is_covered_here() -> None:
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


def test_what_implements_a_contract_is_not_looked_at_before_all_have_registered() -> None:
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
def test_a_use_has_a_name_that_can_be_an_argument(name: Any) -> None:
    with pytest.raises(ValueError, match="is not a Python identifier"):
        Uses(Stock, name)


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_a_use_has_a_name_that_is_free(name: str) -> None:
    with pytest.raises(ValueError, match="is reserved"):
        Uses(Stock, name)


def test_a_payload_handler_has_a_class_and_callables() -> None:
    with pytest.raises(TypeError, match="must be a class"):
        PayloadHandler(Item(), text, text)  # type: ignore[arg-type]  # that is what is tried
    for wrong in ({"display_name": 3}, {"completion": "x"}, {"fields": {}}):
        with pytest.raises(TypeError, match=f"{next(iter(wrong))} of the payload handler of Item must be callable"):
            PayloadHandler(**({"model": Item, "display_name": text, "completion": text} | wrong))


def test_the_datatype_of_a_payload() -> None:
    assert PayloadHandler(Item, text, text).datatype == "item"
    assert PayloadHandler(Item, text, text, type="thing").datatype == "thing"


@pytest.mark.parametrize("key", ["", "1st", "two words", "a-b", "a.b", "ü", "a\n", "a--b"])
def test_a_channel_has_a_key(key: str) -> None:
    with pytest.raises(ValueError, match="must be letters"):
        Channel(key, Item)


@pytest.mark.parametrize("guards", [["signed_in"], [text, 3], [None]])
def test_the_guards_of_a_channel_are_called(guards: Any) -> None:
    with pytest.raises(TypeError, match="a guard of the channel 'itemCreated' must be callable"):
        Channel("itemCreated", Item, guards=guards)


def test_extensions_are_a_sequence_with_owners() -> None:
    one, two = Shelf(), Shelf()
    found = Extensions([("acme__a", one), ("acme__b", two)])
    assert (len(found), list(found), found[1], list(found[:1])) == (2, [one, two], two, [one])
    assert found.owners == ("acme__a", "acme__b")
    assert list(found.owned()) == [("acme__a", one), ("acme__b", two)]
    assert repr(Extensions([("acme__a", 3)])) == "Extensions(acme__a: 3)"
    assert not Extensions()


def test_a_frontend_gives_no_name_twice() -> None:
    with pytest.raises(ValueError, match="gives the same name to two entities: thing"):
        Frontend(entity_names={"a": "thing", "b": "thing", "c": "other"})


@pytest.mark.parametrize("custom", [{"a": object()}, {"a": {1, 2}}, {"a": float("nan")}, {"a": b"x"}])
def test_what_a_frontend_carries_is_json(custom: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="custom of a Frontend is not JSON"):
        Frontend(custom=custom)


def test_a_frontend_that_contains_itself_is_not_json() -> None:
    custom: dict[str, Any] = {}
    custom["me"] = custom
    with pytest.raises(TypeError, match="is not JSON"):
        Frontend(custom=custom)


def test_any_mapping_is_json() -> None:
    assert Frontend(custom={"a": MappingProxyType({"b": [1, None, "x"]})})


@pytest.mark.parametrize("action", [*StoreAction, *(action.value for action in StoreAction), None])
def test_operations(action: str | None) -> None:
    opt = operation(action, name="fetch", broadcast=["itemCreated"])
    assert opt == {"operation": {"store_action": action, "name": "fetch", "broadcast": ("itemCreated",)}}


def test_operations_that_are_none() -> None:
    with pytest.raises(ValueError, match="unknown store action 'dataMake'; there are dataRead"):
        operation("dataMake")
    with pytest.raises(ValueError, match="may not be empty"):
        operation(name="")
    with pytest.raises(TypeError, match="takes a list of channel keys"):
        operation(broadcast="itemCreated")
