"""The audience of a message, by the access rules of the documents in it; a restricted payload is never sent without one."""

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


class AudienceResolver:
    """Determines who may see a message.

    Args:
        contributions: those of all plugins.
    """

    def __init__(self, contributions: Sequence[Contributions]) -> None:
        self._rules = {rules.model: rules for contribution in contributions for rules in contribution.rules}
        #: Plugin → datatype of its payloads → whether rules restrict them.
        self._restricted = {
            contribution.key: {handler.datatype: self._has_restricted_readers(handler.model) for handler in contribution.payloads}
            for contribution in contributions
        }
        self._restricted_anywhere = {
            datatype for datatypes in self._restricted.values() for datatype, restricted in datatypes.items() if restricted
        }

    def resolve(self, plugin: str, message: Any) -> Audience | None:
        """Return the audience of a message, or ``None`` if all subscribers may see it.

        Args:
            plugin: the key of the plugin that broadcasts the message.
            message: the message.

        Raises:
            ValueError: rules restrict who may see a payload in the message, but the payload has no audience or is nested in
                another message, of which single recipients cannot get a part.
        """
        if isinstance(message, Payload):
            audience = message.audience
            if audience is None and self._is_restricted(plugin, message.type):
                raise ValueError(f"a payload of {message.type!r} has no audience, although rules restrict who may see it")
            return audience
        if self._restricted_anywhere:
            for payload in payloads_in(message):
                audience = payload.audience
                if not audience.anyone if audience else self._is_restricted(plugin, payload.type):
                    raise ValueError(f"a payload of {payload.type!r}, which not everybody may see, is nested in another message")
        return None

    def requires_user(self, declared: Any) -> bool:
        """Return whether anonymous clients could never receive a message of a channel, so that they need not subscribe.

        Args:
            declared: the message type of the channel.
        """
        model = next(iter(get_args(declared)), None) if get_origin(declared) is Payload else None
        return isinstance(model, type) and self._has_restricted_readers(model)

    def _has_restricted_readers(self, model: type[Any]) -> bool:
        rules = lookup_by_mro(self._rules, model)
        return rules is not None and not rules.read.anyone

    def _is_restricted(self, plugin: str, datatype: str) -> bool:
        # Two plugins may use the same datatype for different documents; the sender's own comes first.
        return self._restricted.get(plugin, {}).get(datatype, datatype in self._restricted_anywhere)


def payloads_in(message: Any) -> Iterator[Payload[Any]]:
    """Yield the payloads nested in a message, at any depth.

    Pydantic models are not searched, since a payload in one cannot be encoded.

    Args:
        message: the message.
    """
    # A loop with a stack instead of recursion: a message may be nested deeper than the recursion limit, or contain itself.
    stack, seen = [message], set[int]()
    while stack:
        value = stack.pop()
        if isinstance(value, Payload):
            yield value
        elif id(value) not in seen:
            seen.add(id(value))
            stack.extend(_parts(value))


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
