"""Ready-made routes of a document class (rows E14, E15, E18)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from host.common.naming import did_you_mean, join_paths
from host.data.documents.document import Document
from host.data.endpoints.controller import CrudController, Service, function_of
from host.data.endpoints.presets import PRESETS, REFUSED, channels_of, folded
from host.data.endpoints.service import EntityService, entity_of

Guard = Callable[..., Any]
Guards = Sequence[Guard] | Mapping[str, Sequence[Guard]]
Options = Mapping[str, Mapping[str, Any]]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def crud(
    model: type[Document],
    *,
    path: str | None = None,
    only: Sequence[str] = (),
    exclude: Sequence[str] = (),
    service: Service = EntityService,
    guards: Guards = (),
    options: Options = _NOTHING,
    replace: Mapping[str, Callable[..., Any] | HTTPRouteHandler] = _NOTHING,
) -> type[CrudController]:
    """A Litestar controller with the routes of a document class; return it from ``register_routes``.

    The operations are ``getAll``, ``get``, ``create``, ``update``, ``delete``, ``deleteHard`` and ``restore``. What they do is
    in the service; a subclass of the controller may override them too, as ``get_all``, ``get``, ``create``, ``update``,
    ``delete``, ``delete_hard`` and ``restore``.

    Args:
        model: the document class.
        path: ``/task`` of ``Task`` unless given. What follows its first segment is added to the names of the operations:
            ``/admin/task`` has ``admin.getAllTask``. A :class:`litestar.Router` around it adds nothing to them.
        only: the operations; all unless given.
        exclude: operations that there are not.
        service: makes the service from the class and the scope: a subclass of :class:`EntityService`, or a function.
        guards: Litestar guards, for all operations or by operation. Those of the operations that read also decide who may
            listen to the channels; where neither is there, those of all.
        options: further arguments of Litestar's decorators by operation, e.g. ``{"getAll": {"cache": 10}}``. Guards, errors in
            ``raises`` and keys of ``opt`` are added; anything else takes the place of what is preset.
        replace: by operation, what is done instead. A function, written as a method of the controller, keeps path, method and all
            that is preset; a Litestar handler brings its own, and takes neither guards nor options from here.

    Raises:
        TypeError: the class is no :class:`host.data.Document`.
        ValueError: an operation that there is not, or is not here.
    """
    given: object = model
    if not isinstance(given, type) or not issubclass(given, Document):
        raise TypeError(f"crud takes a subclass of host.data.Document, not {model!r}")
    chosen = _chosen(only, exclude)
    for what, names in (("guards", guards if isinstance(guards, Mapping) else ()), ("options", options), ("replace", replace)):
        _check_names(what, names, chosen)
    whole = join_paths(path or entity_of(model))
    guards_of = partial(_guards_of, guards, options, replace)
    listening = _listening(chosen, guards_of)
    body: dict[str, Any] = {"__module__": model.__module__, "__doc__": f"The routes of {model.__name__}."}
    body |= {"path": whole, "model": model, "make_service": staticmethod(service)}
    for name in chosen:
        own = replace.get(name)
        if isinstance(own, HTTPRouteHandler):
            _check_unused(name, guards, options)
            body[PRESETS[name].attribute] = own
        else:
            further = _further(model, name, folded(whole), guards_of(name), listening, options.get(name, _NOTHING))
            body[PRESETS[name].attribute] = PRESETS[name].decorator(PRESETS[name].path, **further)(own or _function(model, name))
    return type(f"{model.__name__}Controller", (CrudController,), body)


def _function(model: type[Document], name: str) -> Callable[..., Any]:
    function, preset = function_of(model, name), PRESETS[name]
    function.__name__, function.__doc__ = preset.attribute, preset.doc.format(entity_of(model))
    function.__qualname__ = f"{model.__name__}Controller.{preset.attribute}"
    return function


def _chosen(only: Sequence[str], exclude: Sequence[str]) -> list[str]:
    for what, names in (("only", only), ("exclude", exclude)):
        if isinstance(names, str):
            raise TypeError(f"{what} takes a list of operations: [{names!r}]")
        _check_names(what, names, PRESETS)
    chosen = [name for name in PRESETS if (not only or name in only) and name not in exclude]
    if not chosen:
        raise ValueError("no operation is left")
    return chosen


def _check_names(what: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{what} names the operation {name!r}, which there is not; {did_you_mean(name, known)}")


def _check_unused(name: str, guards: Guards, options: Options) -> None:
    if name in options or (isinstance(guards, Mapping) and name in guards) or (guards and not isinstance(guards, Mapping)):
        raise ValueError(f"{name} is replaced by a handler, which brings its own guards and options; write them there")


def _guards_of(guards: Guards, options: Options, replace: Mapping[str, Any], name: str) -> list[Guard]:
    """The guards of one operation."""
    own = replace.get(name)
    if isinstance(own, HTTPRouteHandler):
        return list(own.guards or ())
    given = guards.get(name, ()) if isinstance(guards, Mapping) else guards
    return [*given, *(options.get(name, _NOTHING).get("guards") or ())]


def _listening(chosen: Iterable[str], guards_of: Callable[[str], Iterable[Guard]]) -> list[Guard]:
    """The guards of the channels: those of the operations that read, as a message tells what they would."""
    names = list(chosen)
    reading = [name for name in names if name in ("getAll", "get")]
    return list(dict.fromkeys(guard for name in reading or names for guard in guards_of(name)))


def _further(
    model: type[Document],
    name: str,
    suffix: str,
    guards: Sequence[Guard],
    listening: Sequence[Guard],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """The arguments of Litestar's decorator."""
    preset, entity = PRESETS[name], entity_of(model)
    channels = channels_of(entity, model, listening)
    return {
        "status_code": HTTP_201_CREATED if name == "create" else HTTP_200_OK,
        **options,
        "guards": list(guards),
        "raises": [*preset.raises, *REFUSED, *(options.get("raises") or ())],
        "opt": {**preset.opt(name + suffix, entity, channels), **(options.get("opt") or {})},
    }
