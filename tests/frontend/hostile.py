"""Plugins that use one string everywhere a plugin can use a string."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

import msgspec
import pydantic
from hypothesis import strategies as st
from litestar import get, post
from litestar.params import CookieParameter, HeaderParameter, JSONBody, QueryParameter

from hookspecs import Channel, Frontend, operation
from host.frontend.emit import generate
from host.frontend.model import Generated, PluginInput, UsedContract
from host.frontend.names import namespace_of
from tests.frontend.building import plugin

#: What has broken other generators. If any of it became code, the compiler would report an unknown name.
NASTY: Final = (
    "*/ pwned(1); /*",
    "*/*/",
    "\\*/",
    "`${pwned(1)}`",
    "\"'`\\",
    "\\u0022; pwned(1); //",
    "line\nbreak\r\n\u2028\u2029\x85\x0b\x0cend",
    "@ts-ignore",
    "@ts-expect-error",
    "@ts-nocheck",
    "</script><!--",
    "\u202e\u2066hidden",
    "\0\x7f\ufeff\ud800",
    "\udc00\ud800",
    "__proto__",
    "constructor",
    "toString",
    "",
    " ",
    "1a",
    "01",
    "-1",
    "1e3",
    "a-b",
    "a.b",
    "delete",
    "new",
    "// ───── acme__a 1.0.0: types",
    "${",
    "\\",
    "$&",
    "ß𝒳é",
    "👩‍👩‍👧 🇦🇶",
    "%2F%",
    "?a=b#c",
    "x" * 10_000,
    "*/`${'\n" * 1_500,
)

texts: Final = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=30), st.text(alphabet="*/`$\\{}\"'\n\r\u2028@ts-ignor", max_size=20)
)


@dataclass(frozen=True)
class Hostile:
    """A plugin that uses one string everywhere.

    Args:
        text: the string.
        plugin: the plugin.
        parameter: the name of its path parameter.
        segment: the segment of its paths; for some strings Litestar's own router would refuse it.
    """

    text: str
    plugin: PluginInput
    parameter: str
    segment: str

    @property
    def encodable(self) -> str:
        """The string as pydantic, msgspec and Unicode accept it."""
        return self.text.encode(errors="replace").decode()

    @property
    def payload(self) -> dict[str, str]:
        """The path parameters to call its targets with."""
        return {self.parameter: self.encodable}

    @property
    def targets(self) -> set[str]:
        """The expected targets."""
        prefix = self.plugin.prefix
        escaped = quote(self.encodable, safe="!'()*-._~")
        return {f"{prefix}/thing", f"{prefix}/{self.segment}", f"{prefix}/found/{escaped}/{self.segment}"}

    @property
    def namespace(self) -> str:
        """The namespace of its types."""
        return namespace_of(self.plugin.key)


def hostile(text: str, number: int) -> Hostile:
    """Return a plugin that uses a string everywhere a plugin can use a string.

    Args:
        text: any string.
        number: distinguishes the plugin from others.
    """
    encodable = text.encode(errors="replace").decode()
    model, struct = _model(encodable, f"Model{number}"), _struct(encodable, f"Struct{number}")
    segment = "p" + re.sub(r"[/{}]", "", text)
    parameter = re.sub(r"[/{}:]", "", text) or "id"
    normal = plugin(
        f"acme__h{number}",
        *_handlers(text, model, struct),
        package="nasty",
        channels=(Channel("constructor", struct),),
        frontend=Frontend(
            entity_names={"thing": text} if text not in ("", "on") else {},
            custom={text: [text, {text: text}]},
            types=[msgspec.defstruct(encodable.replace("\0", "") or "X", [("classed", int)], module=f"nasty{encodable}")],
        ),
        version=text or "1",
        uses=(UsedContract(f"acme__gone.{text}@1", "acme__gone", object),),
    )
    paths = {"/other": f"/{segment}", "/found": f"/found/{{{parameter}:str}}/{segment}"}
    routes = tuple(
        replace(route, path=normal.prefix + paths.get(route.path.removeprefix(normal.prefix), "/thing")) for route in normal.routes
    )
    return Hostile(text, replace(normal, routes=routes, author=text, name=text), parameter, segment)


def together(texts: Sequence[str]) -> tuple[list[Hostile], Generated]:
    """Return a plugin for each string, and their file."""
    plugins = [hostile(text, number) for number, text in enumerate(texts)]
    return plugins, generate([item.plugin for item in plugins])


def _model(text: str, name: str) -> type[Any]:
    """Return a model that uses the string everywhere pydantic allows."""
    field = pydantic.Field(text, description=text, title=text, json_schema_extra={"pattern": text, "format": text})
    model: type[Any] = pydantic.create_model(
        name,
        __doc__=text,
        __module__="nasty",
        value=(Literal[text, "other"], pydantic.Field("other", description=text)),  # type: ignore[valid-type]
        named=(str, pydantic.Field(alias=text or "empty", description=text)),
        defaulted=(str, field),
        color=(Enum("Color", {f"A{text}": text, "B": f"{text}b"}, module="nasty"), ...),
    )
    return model


def _struct(text: str, name: str) -> type[Any]:
    """Return a Struct that uses the string everywhere msgspec allows."""
    annotated = msgspec.Meta(description=text, pattern=None, extra_json_schema={"description": text})
    fields = [("a", Annotated[str, annotated], text), ("b", Literal[text, "x"]), ("renamed", int)]  # type: ignore[valid-type]
    plain = text if text.isprintable() and not set(text) & set("\\\"'") else "plain"  # msgspec refuses names that JSON must escape
    struct = msgspec.defstruct(
        name, fields, module="nasty", kw_only=True, rename={"renamed": f"r{plain}"}, tag=text, tag_field="kind"
    )
    struct.__doc__ = text
    return struct


def _handlers(text: str, model: type[Any], struct: type[Any]) -> list[Any]:
    async def answer() -> Any: ...

    async def make(data: Any) -> Any: ...

    async def find(asked: Any, head: Any, biscuit: Any) -> Any: ...

    answer.__doc__ = text
    answer.__annotations__["return"] = model
    make.__annotations__ |= {"data": JSONBody[model], "return": struct}
    name = text or "empty"
    find.__annotations__ |= {
        "asked": Annotated[str, QueryParameter(name=name, description=text)],
        "head": Annotated[str, HeaderParameter(name=f"X-{name}")],
        "biscuit": Annotated[str, CookieParameter(name=name)],
        "return": int,
    }
    return [
        get("/thing", description=text, opt=operation(name=text or None))(answer),
        post("/other", summary=text)(make),
        get("/found")(find),
    ]
