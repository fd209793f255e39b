"""Names in the file: a plugin's namespace, and its types inside of it.

A namespace is a function of the plugin key alone and no two keys share one, so another plugin never changes it. The parts of
the key are capitalised and its ``__`` goes; a single ``_`` stays, so ``acme__to_do`` is ``AcmeTo_do`` beside ``AcmeTodo`` of
``acme__todo``. The parts of a child's key, after the dot, are capitalised too. Where the result is a name that the file itself
needs, it gets a ``$``, which no key can hold.
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
#: Everything of more than one word that the file declares or may come to declare, and the globals of that form.
RESERVED_NAMESPACES: Final = frozenset(_GLOBALS.split())
#: What follows a namespace in names beside it, so no child's key may end so.
_SUFFIXES: Final = frozenset({"api", "events", "rooms"})

_WORDS: Final = """
any as async await bigint boolean break case catch class const continue debugger default delete do else enum export extends false
finally for from function get if implements import in infer instanceof interface intrinsic is keyof let module namespace never new
null number object of package private protected public readonly require return set static string super switch symbol this throw
true try type typeof undefined unique unknown using var void while with yield
"""
#: No type may be called so.
_KEYWORDS: Final = frozenset(_WORDS.split())
_WORD: Final = re.compile(r"[^\W_]+")


def namespace_of(key: str) -> str:
    """The namespace of a plugin: ``AcmeTodo`` of ``acme__todo``.

    Args:
        key: ``author__name``, or ``author__name.child``.
    """
    author, rest = split_key(key)
    parts = [author, *rest.split(".")]
    name = "".join(part[:1].upper() + part[1:] for part in parts)
    return name + "$" if name in RESERVED_NAMESPACES or (len(parts) > len(("author", "name")) and parts[-1] in _SUFFIXES) else name


def pascal(text: str) -> str:
    """The words of a text, each with its first letter raised: ``check-task`` → ``CheckTask``."""
    return "".join(word[:1].upper() + word[1:] for word in _WORD.findall(text))


def type_name(text: str) -> str:
    """An identifier out of any text, e.g. of ``Page[Task]``: ``PageTask``."""
    name = text if text.isidentifier() else pascal(text)
    if not name.isascii():
        name = "".join(one if one.isascii() or (one.isalpha() and one <= "\uffff") else "_" for one in name)
    if not name.isidentifier():
        name = f"T{name}"
    return name + "_" if name in _KEYWORDS else name


class Allocator:
    """Hands out names in one namespace, each once.

    Args:
        taken: names that may not be given, because they would hide what the namespace refers to.
    """

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, *choices: str) -> str:
        """The first name that is free, or the last one with a number."""
        for choice in choices:
            if choice not in self._taken:
                self._taken.add(choice)
                return choice
        number = 2
        while f"{choices[-1]}{number}" in self._taken:
            number += 1
        return self.take(f"{choices[-1]}{number}")
