"""Names in the file: a plugin's namespace and the types in it.

A namespace is a function of the plugin key alone and no two keys share one, so another plugin never changes it. The parts of
the key are capitalized and its ``__`` is dropped; a single ``_`` stays, so ``acme__to_do`` is ``AcmeTo_do`` beside ``AcmeTodo`` of
``acme__todo``. The parts of a child's key, after the dot, are capitalized too. If the file itself needs the resulting name, a ``$``
is appended, which no key can contain.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from host.common.naming import split_key

_GLOBALS: Final = """
AbortController AbortSignal AnyEvent ApiError ApiOf ApiOptions ArrayBuffer AsyncGenerator AsyncIterable AsyncIterator BodyInit
CallOptions ChannelRef ChannelRefused DateOnly DateTime EntityConfig EventSource EventTarget FileList FileReader FormData
FormField IteratorResult JsonValue KeyOf MessageEvent PluginConfig PromiseLike PropertyKey ReadableStream RequestCredentials
RequestInit ResponseInit ReturnType SocketConfig StoreActionType SubscribeOptions SyntaxError TimeOnly TypeError URLSearchParams
WeakMap WeakSet WebSocket
"""
#: Names of more than one word that the file declares or may declare in the future, and globals of that form.
RESERVED_NAMESPACES: Final = frozenset(_GLOBALS.split())
#: Suffixes of names beside a namespace: a child whose key ends so would collide with them.
_SUFFIXES: Final = frozenset({"api", "events", "rooms"})

_WORDS: Final = """
any as async await bigint boolean break case catch class const continue debugger default delete do else enum export extends false
finally for from function get if implements import in infer instanceof interface intrinsic is keyof let module namespace never new
null number object of package private protected public readonly require return set static string super switch symbol this throw
true try type typeof undefined unique unknown using var void while with yield
"""
#: Words that cannot name a type.
_KEYWORDS: Final = frozenset(_WORDS.split())
_WORD: Final = re.compile(r"[^\W_]+")


def namespace_of(key: str) -> str:
    """Return the namespace of a plugin: ``AcmeTodo`` for ``acme__todo``.

    Args:
        key: The plugin key, ``author__name`` or ``author__name.child``.
    """
    author, rest = split_key(key)
    parts = [author, *rest.split(".")]
    name = "".join(part[:1].upper() + part[1:] for part in parts)
    return name + "$" if name in RESERVED_NAMESPACES or (len(parts) > len(("author", "name")) and parts[-1] in _SUFFIXES) else name


def pascal(text: str) -> str:
    """Return a string in PascalCase: ``check-task`` → ``CheckTask``."""
    return "".join(word[:1].upper() + word[1:] for word in _WORD.findall(text))


def type_name(text: str) -> str:
    """Return an identifier for any string, e.g. ``PageTask`` for ``Page[Task]``."""
    name = text if text.isidentifier() else pascal(text)
    if not name.isascii():
        name = "".join(
            character if character.isascii() or (character.isalpha() and character <= "\uffff") else "_" for character in name
        )
    if not name.isidentifier():
        name = f"T{name}"
    return name + "_" if name in _KEYWORDS else name


class Allocator:
    """Assigns unique names in one namespace.

    Args:
        reserved: Names that are never assigned, because they would hide what the namespace refers to.
    """

    def __init__(self, reserved: Collection[str] = ()) -> None:
        self._taken = set(reserved)

    def take(self, *choices: str) -> str:
        """Return the first choice that is free, or the last one with a number."""
        for choice in choices:
            if choice not in self._taken:
                self._taken.add(choice)
                return choice
        number = 2
        while f"{choices[-1]}{number}" in self._taken:
            number += 1
        return self.take(f"{choices[-1]}{number}")
