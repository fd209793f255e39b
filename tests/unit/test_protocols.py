"""The differences between an object and a protocol, for every kind of member and every way to lack it."""

# ruff: noqa: ARG005 - the arguments of these functions are tested

from __future__ import annotations

import asyncio
import functools
import itertools
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sized
from contextlib import asynccontextmanager
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar, Generic, Protocol, TypeVar, overload, runtime_checkable
from unittest.mock import AsyncMock, Mock

import pytest

from host.registration.contracts.protocol_check import differences
from host.registration.contracts.protocol_members import members

T = TypeVar("T")


class Stock(Protocol):
    def left(self, item: str, *, least: int = 0) -> int: ...


class Later(Protocol):
    async def left(self, item: str) -> int: ...


def texts(protocol: type[Any], implementation: object) -> list[str]:
    return [difference.text for difference in differences(protocol, implementation)]


def fixes(protocol: type[Any], implementation: object) -> list[str]:
    return [difference.fix for difference in differences(protocol, implementation)]


def holding(**attributes: Any) -> type[Any]:
    return type("Shelf", (), attributes)


def left(item: str, *, least: int = 0) -> int:
    return len(item) - least


class Counter:
    def __call__(self, item: str, *, least: int = 0) -> int:
        return left(item, least=least)


class Plain:
    def left(self, item: str, *, least: int = 0) -> int:
        return left(item, least=least)


class Slotted:
    __slots__ = ("left",)

    def __init__(self, function: Any = None) -> None:
        if function is not None:
            self.left = function


class Forwarding:
    def __init__(self, to: object) -> None:
        self._to = to

    def __getattr__(self, name: str) -> Any:
        return getattr(self._to, name)


def passing(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def around(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return around


def module() -> ModuleType:
    shelf = ModuleType("shelf")
    shelf.left = left  # type: ignore[attr-defined]  # a module gets functions like this
    return shelf


FITS = {
    "a method": Plain(),
    "an inherited method": type("Sub", (Plain,), {})(),
    "a static method": holding(left=staticmethod(left))(),
    "a static method of a class": holding(left=staticmethod(left)),
    "a class method": holding(left=classmethod(lambda cls, item, *, least=0: 0))(),
    "a class method of a class": holding(left=classmethod(lambda cls, item, *, least=0: 0)),
    "a function of a module": module(),
    "a function of an instance": SimpleNamespace(left=left),
    "a partial": SimpleNamespace(left=functools.partial(lambda other, item, least: 0, 1, least=2)),
    "a partial method": holding(left=functools.partialmethod(lambda self, other, item, least: 0, 1, least=2))(),
    "a callable object": SimpleNamespace(left=Counter()),
    "a slot": Slotted(left),
    "a cached method": holding(left=functools.cache(lambda self, item, *, least=0: 0))(),
    "a wrapped method": holding(left=passing(Plain.left))(),
    "a forwarded method": Forwarding(Plain()),
    "something dynamic": Mock(),
    "a builtin": SimpleNamespace(left=max),
    "further arguments": SimpleNamespace(left=lambda *args, **kwargs: 0),
    "a wrapper that gives an argument": holding(left=lambda self, item, *, least=0, session=None: 0)(),
}


@pytest.mark.parametrize("implementation", FITS.values(), ids=FITS)
def test_every_kind_of_matching_method_conforms(implementation: object) -> None:
    assert texts(Stock, implementation) == []


NARROW: dict[str, Any] = {
    "a method": holding(left=lambda self, item: 0)(),
    "a static method": holding(left=staticmethod(lambda item: 0))(),
    "a class method": holding(left=classmethod(lambda cls, item: 0))(),
    "a function of an instance": SimpleNamespace(left=lambda item: 0),
    "a partial": SimpleNamespace(left=functools.partial(left, least=1, item="x")),
    "a callable object": SimpleNamespace(left=type("Counter", (), {"__call__": lambda self, item: 0})()),
    "a cached method": holding(left=functools.cache(lambda self, item: 0))(),
    "a wrapped method": holding(left=passing(lambda self, item: 0))(),
    "a forwarded method": Forwarding(holding(left=lambda self, item: 0)()),
    "a class": holding(left=lambda self, item, *, least=0: 0),
    "no method": SimpleNamespace(left=3),
}


@pytest.mark.parametrize("implementation", NARROW.values(), ids=NARROW)
def test_every_kind_of_different_method_is_reported(implementation: object) -> None:
    (text,) = texts(Stock, implementation)
    assert ".left" in text


def test_the_difference_and_the_fix_are_exact() -> None:
    class Billing(Protocol):
        async def reserve(self, account: str, amount: int = 1) -> int: ...

    class Accounts:
        async def reserve(self, account: str) -> int:
            return len(account)

    assert texts(Billing, Accounts()) == ["Billing.reserve takes (account, amount=1); Accounts.reserve lacks amount"]
    assert fixes(Billing, Accounts()) == ["write in Accounts: async def reserve(self, account, amount=1)"]


def test_a_class_instead_of_an_instance_is_reported() -> None:
    assert texts(Stock, Plain) == ["Plain.left is a method of instances, and Plain is the class"]
    assert fixes(Stock, Plain) == ["give Plain(…)"]


def test_a_value_in_place_of_a_method_is_shown() -> None:
    assert texts(Stock, SimpleNamespace(left=3)) == ["Stock.left is a method; SimpleNamespace.left is 3 of type int"]


def test_missing_members_are_reported_together() -> None:
    class Large(Stock, Protocol):
        limit: int

        def add(self, item: str) -> None: ...

    assert texts(Large, SimpleNamespace()) == ["SimpleNamespace lacks add, limit, left"]
    written = "def add(self, item), limit = …, def left(self, item, *, least=0)"
    assert fixes(Large, SimpleNamespace()) == [f"write in SimpleNamespace: {written}"]


def test_a_slot_without_a_value_is_missing() -> None:
    assert texts(Stock, Slotted()) == ["Slotted lacks left"]


class Data(Protocol):
    limit: int
    shared: ClassVar[int]
    given = 3

    @property
    def size(self) -> int: ...


def test_data_members_must_exist() -> None:
    assert texts(Data, SimpleNamespace(limit=1, shared=2, given=3, size=4)) == []
    assert texts(Data, SimpleNamespace()) == ["SimpleNamespace lacks given, size, limit, shared"]


def test_an_annotation_alone_is_not_a_data_member() -> None:
    class Limited:
        limit: int
        shared = given = size = 1

    assert texts(Data, Limited()) == ["Limited lacks limit"]


def test_no_property_is_read() -> None:
    class Careful:
        limit = shared = given = 1

        @property
        def size(self) -> int:
            raise OSError("not open yet")

        @functools.cached_property
        def left(self) -> Any:
            raise OSError("not open yet")

    assert texts(Data, Careful()) == []
    assert texts(Stock, Careful()) == []


def test_a_proxy_that_is_not_open_yet_is_not_refused() -> None:
    class Proxy:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("not open yet")

    assert texts(Stock, Proxy()) == []


def test_a_proxy_for_every_attribute_is_not_refused() -> None:
    class Proxy:
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError("not open yet")

        def right(self) -> int:
            return 1

    class Both(Stock, Protocol):
        def right(self) -> int: ...

    assert texts(Both, Proxy()) == []


def test_a_forwarding_object_without_the_member_lacks_it() -> None:
    assert texts(Stock, Forwarding(object())) == ["Forwarding lacks left"]


def test_the_implementation_is_not_called() -> None:
    calls: list[str] = []
    noting = holding(left=lambda self, item, *, least=0: calls.append(item))()
    assert texts(Stock, noting) == []
    assert calls == []


def future(item: str) -> asyncio.Future[int]:
    raise NotImplementedError


def coroutine(item: str) -> Coroutine[Any, Any, int]:
    raise NotImplementedError


def awaitable_or_not(item: str) -> Awaitable[int] | int:
    raise NotImplementedError


def unknown(item: str) -> NoSuchName[Awaitable[int]]:  # type: ignore[name-defined]  # noqa: F821 - the missing name is tested
    raise NotImplementedError


def anything(item: str) -> Any:
    raise NotImplementedError


async def later(item: str) -> int:
    return len(item)


class LaterCall:
    async def __call__(self, item: str) -> int:
        return len(item)


@pytest.mark.parametrize(
    "function",
    [
        later,
        future,
        coroutine,
        awaitable_or_not,
        unknown,
        anything,
        functools.partial(later),
        LaterCall(),
        AsyncMock(),
        passing(later),
        staticmethod(later).__func__,
    ],
)
def test_an_awaitable_result_conforms_to_an_async_method(function: Any) -> None:
    assert texts(Later, SimpleNamespace(left=function)) == []


def test_an_unannotated_wrapper_may_be_async() -> None:
    def undecorated(function: Any) -> Any:
        def around(*args: Any, **kwargs: Any):  # type: ignore[no-untyped-def]  # the missing return type is tested
            return function(*args, **kwargs)

        return around

    assert texts(Later, SimpleNamespace(left=undecorated(later))) == []


def test_the_wrapped_function_decides_whether_a_decorated_function_is_async() -> None:
    assert texts(Later, SimpleNamespace(left=passing(lambda item: 0))) == ["Later.left is async; SimpleNamespace.left is not async"]


def test_a_type_variable_may_stand_for_an_awaitable() -> None:
    class Maker(Protocol[T]):
        def left(self, item: str) -> T: ...

    assert [texts(Maker, SimpleNamespace(left=function)) for function in (later, lambda item: 0)] == [[], []]


def test_a_plain_function_in_place_of_an_async_method_is_reported() -> None:
    assert texts(Later, SimpleNamespace(left=lambda item: 0)) == ["Later.left is async; SimpleNamespace.left is not async"]
    assert fixes(Later, SimpleNamespace(left=lambda item: 0)) == ["write in SimpleNamespace: async def left(self, item)"]


@pytest.mark.parametrize("function", [later, coroutine, LaterCall(), functools.partial(later)])
def test_an_async_function_does_not_conform_to_a_plain_method(function: Any) -> None:
    class Now(Protocol):
        def left(self, item: str) -> int: ...

    assert texts(Now, SimpleNamespace(left=function)) == ["Now.left is not async; SimpleNamespace.left is async"]


@pytest.mark.parametrize("function", [later, coroutine, lambda item: 0, awaitable_or_not])
def test_plain_and_async_functions_conform_to_a_method_that_may_be_async(function: Any) -> None:
    class Either(Protocol):
        def left(self, item: str) -> Awaitable[int] | int: ...

    assert texts(Either, SimpleNamespace(left=function)) == []


def test_an_async_function_conforms_to_a_method_that_returns_an_awaitable() -> None:
    class Given(Protocol):
        def left(self, item: str) -> Awaitable[int]: ...

    assert texts(Given, SimpleNamespace(left=later)) == []
    assert texts(Given, SimpleNamespace(left=lambda item: 0)) == ["Given.left is async; SimpleNamespace.left is not async"]


class Streaming:
    async def rows(self) -> AsyncIterator[int]:
        yield 1


def test_an_async_generator_is_iterated_and_not_awaited() -> None:
    class Rows(Protocol):
        def rows(self) -> AsyncIterator[int]: ...

    class AwaitedRows(Protocol):
        async def rows(self) -> AsyncIterator[int]: ...

    assert texts(Rows, Streaming()) == []
    assert texts(AwaitedRows, Streaming()) == ["AwaitedRows.rows is async; Streaming.rows is an async generator"]


def test_a_context_manager_conforms() -> None:
    class Sessions(Protocol):
        @asynccontextmanager
        def session(self, name: str) -> AsyncIterator[int]: ...  # type: ignore[arg-type]  # a stub

    class Pool:
        @asynccontextmanager
        async def session(self, name: str) -> AsyncIterator[int]:
            yield len(name)

    assert texts(Sessions, Pool()) == []


def test_a_function_implements_a_protocol_with_call() -> None:
    class Price(Protocol):
        def __call__(self, item: str, amount: int = 1) -> int: ...

    assert texts(Price, lambda item, amount=1: 0) == []
    assert texts(Price, functools.partial(lambda shop, item, amount=1: 0, 1)) == []
    assert texts(Price, left) == ["Price.__call__ takes (item, amount=1); left.__call__ lacks amount"]
    assert texts(Price, later) == [
        "Price.__call__ takes (item, amount=1) and is not async; later.__call__ lacks amount and is async"
    ]
    assert texts(Price, object()) == ["object lacks __call__"]


def test_special_methods_are_looked_up_on_the_class() -> None:
    class Box(Sized, Protocol):
        def __iter__(self) -> Iterator[int]: ...
        def __getitem__(self, index: int) -> int: ...

    class Shelf:
        __len__ = __iter__ = lambda self: 0

        def __getitem__(self, index: int) -> int:
            return index

    assert texts(Box, Shelf()) == []
    assert texts(Box, [1]) == []
    assert texts(Box, SimpleNamespace(__len__=len, __iter__=iter, __getitem__=len)) == [
        "SimpleNamespace lacks __iter__, __getitem__, __len__"
    ]


def test_each_overload_must_be_accepted() -> None:
    class Get(Protocol):
        @overload
        def get(self, item: str) -> int: ...
        @overload
        def get(self, item: str, default: T) -> int | T: ...

    assert texts(Get, SimpleNamespace(get=lambda item, default=None: 0)) == []
    assert texts(Get, SimpleNamespace(get=lambda item: 0)) == ["Get.get takes (item, default); SimpleNamespace.get lacks default"]


def test_a_generic_protocol_has_the_same_members() -> None:
    class Box(Protocol[T]):
        def put(self, item: T) -> T: ...

    class More(Box[T], Protocol[T]):
        def take(self) -> T: ...

    class Crate(Generic[T]):
        def put(self, item: T) -> T:
            return item

    assert list(members(More)) == ["take", "put"]
    assert texts(Box, Crate[int]()) == []
    assert texts(More, Crate()) == ["Crate lacks take"]


def test_a_runtime_checkable_protocol_has_the_same_members() -> None:
    assert list(members(runtime_checkable(Stock))) == ["left"]


def test_static_methods_and_class_methods_of_a_protocol_are_checked() -> None:
    class Made(Protocol):
        @staticmethod
        def read(text: str) -> int: ...
        @classmethod
        def make(cls, size: int) -> int: ...

    assert texts(Made, holding(read=staticmethod(lambda text: 0), make=classmethod(lambda cls, size: 0))) == []
    assert texts(Made, SimpleNamespace(read=lambda: 0, make=lambda: 0)) == [
        "Made.read takes (text); SimpleNamespace.read lacks text",
        "Made.make takes (size); SimpleNamespace.make lacks size",
    ]


class Ready(Protocol):
    def left(self, item: str) -> int: ...
    async def right(self) -> str:
        """A string."""

    @property
    def size(self) -> int:
        """A number."""

    def named(self) -> str:
        return "ready"

    def maybe(self) -> int | None: ...
    def done(self) -> None: ...


def test_an_empty_member_inherited_from_the_protocol_is_missing() -> None:
    class Heir(Ready):
        pass

    assert texts(Ready, Heir()) == ["Heir lacks left, right, size"]


def test_an_implemented_abstract_method_is_not_missing() -> None:
    class Strict(Protocol):
        @abstractmethod
        def left(self) -> int: ...

    class Heir(Strict):
        def left(self) -> int:
            return 1

    assert texts(Strict, Heir()) == []


def test_a_decorator_with_its_own_signature_is_checked_by_that_signature() -> None:
    def narrower(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def around(self: Any, item: str, *, least: int = 0) -> Any:
            return function(self, "session", item, least)

        return around

    def injecting(function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        def around(self: Any, item: str) -> Any:
            return function(self, item)

        return around

    with_session: Any = narrower(lambda self, session, item, least: 0)
    assert texts(Stock, holding(left=with_session)()) == []
    assert texts(Stock, holding(left=injecting(Plain.left))()) == ["Stock.left takes (item, *, least=0); Shelf.left lacks least"]


def test_functions_that_wrap_each_other_are_followed_only_once() -> None:
    first, second = passing(left), passing(left)
    first.__wrapped__, second.__wrapped__ = second, first  # type: ignore[attr-defined]  # the cycle is tested
    assert texts(Stock, SimpleNamespace(left=first)) == []


def test_a_protocol_method_without_self_only_has_to_exist() -> None:
    class Broken(Protocol):
        def left() -> int: ...  # type: ignore[misc]  # the missing self is tested

    assert texts(Broken, Plain()) == []
    assert texts(Broken, object()) == ["object lacks left"]


@pytest.mark.parametrize("value", [object(), 3, None, "text", itertools, Plain])
def test_any_value_can_be_checked(value: object) -> None:
    assert texts(Later, value)
