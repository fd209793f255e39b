"""Whom a message is for, by the rules of the documents in it; nothing that rules restrict leaves without saying so (row E17)."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

import msgspec

from hookspecs import Payload
from host.common.class_lookup import lookup_by_mro

if TYPE_CHECKING:
    from hookspecs import Audience
    from host.registration.contributions import Contributions

_COLLECTIONS: Final = (list, tuple, set, frozenset, deque)


class Audiences:
    """Says whom messages are for.

    Args:
        contributions: of the plugins.
    """

    def __init__(self, contributions: Sequence[Contributions]) -> None:
        self._rules = {one.model: one for found in contributions for one in found.rules}
        #: Plugin → datatype of its payloads → whether rules restrict them.
        self._own = {one.key: {handler.datatype: self._hidden(handler.model) for handler in one.payloads} for one in contributions}
        self._all = {datatype for own in self._own.values() for datatype, restricted in own.items() if restricted}

    def of(self, plugin: str, message: Any) -> Audience | None:
        """Whom a message of a plugin is for, ``None`` for whoever listens.

        Raises:
            ValueError: rules restrict who may see what is in it, and it does not say to whom.
        """
        if isinstance(message, Payload):
            audience = message.audience
            if audience is None and self._restricts(plugin, message.type):
                raise ValueError(f"a payload of {message.type!r} does not say who may see it, and rules restrict that")
            return audience
        if self._all:
            for one in payloads_in(message):
                if not one.audience.anyone if one.audience else self._restricts(plugin, one.type):
                    raise ValueError(f"a payload of {one.type!r}, which not everybody may see, lies in another message")
        return None

    def for_users_only(self, declared: Any) -> bool:
        """Whether messages of a type never reach who has not signed in: payloads of documents with rules that say so.

        Args:
            declared: the type, as the channel declares it.
        """
        model = next(iter(get_args(declared)), None) if get_origin(declared) is Payload else None
        return isinstance(model, type) and self._hidden(model)

    def _hidden(self, model: type[Any]) -> bool:
        """Whether rules keep documents of a class from some."""
        found = lookup_by_mro(self._rules, model)
        return found is not None and not found.read.anyone

    def _restricts(self, plugin: str, datatype: str) -> bool:
        """Whether rules restrict the payloads of a type. Two plugins may have one name for theirs; one's own goes first."""
        return self._own.get(plugin, {}).get(datatype, datatype in self._all)


def payloads_in(message: Any) -> Iterator[Payload[Any]]:
    """The payloads that lie in a message, however deep; in a pydantic model none can be encoded."""
    waiting, seen = [message], set[int]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, Payload):
            yield one
        elif id(one) not in seen:
            seen.add(id(one))
            waiting.extend(_parts(one))


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, _COLLECTIONS):
        return value
    if isinstance(value, msgspec.Struct):
        return [getattr(value, name) for name in value.__struct_fields__]
    if dataclasses.is_dataclass(value):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    return ()
