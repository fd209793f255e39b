"""Documents as payloads, made by the payload handlers that plugins registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_jsonable_python

from hookspecs import Audience, Payload, PayloadBody, PayloadHandler, RequestData, Rules, StoreAction
from hookspecs.payload import AUDIENCE
from host.common.class_lookup import lookup_by_mro
from host.common.describe import describe_value
from host.common.errors import PayloadError

if TYPE_CHECKING:
    from host.registration.scope import PluginScope

#: Beanie's own fields of a document.
_NOT_SENT: Final = {"revision_id"}
_ACTIONS: Final = {action.value: action.value for action in StoreAction}


def wire(document: BaseModel) -> dict[str, Any]:
    """Return the fields of a document as they are sent: by alias, ``id`` instead of MongoDB's ``_id``, without Beanie's own."""
    fields = document.model_dump(mode="json", by_alias=True, exclude=_NOT_SENT)
    return {("id" if name == "_id" else name): value for name, value in fields.items()}


class PayloadWrapper:
    """Wraps documents in payloads. There is one per host, because each class has at most one handler, whichever plugin wraps it.

    Call it with a scope, documents and the keyword arguments of :meth:`hookspecs.Scope.payload`. If a class has no handler, that
    of its nearest base class is used, and with it the ``type`` of the payload.
    """

    def __init__(self) -> None:
        self._handlers: dict[type[Any], PayloadHandler] = {}
        self._rules: Mapping[type[Any], Rules] = {}
        self._nearest: dict[type[Any], tuple[PayloadHandler | None, Rules | None]] = {}

    def use(self, handlers: Iterable[PayloadHandler], rules: Mapping[type[Any], Rules]) -> None:
        """Set the handlers and the rules, at most one per class."""
        self._rules = rules
        self._handlers = {handler.model: handler for handler in handlers}
        self._nearest = {}

    def __call__(
        self,
        scope: PluginScope,
        documents: Iterable[Any],
        *,
        action: StoreAction | str | None,
        model: type[Any] | None,
        request: Any,
        **body: Any,
    ) -> Payload[Any]:
        """Return the payload of some documents.

        Raises:
            PayloadError: the documents cannot be wrapped.
        """
        if isinstance(documents, BaseModel):  # a model is iterable too: it would pass for a list of its fields
            raise scope.make_error(PayloadError, "a payload takes a list of documents, not a document", fix="pass [document]")
        items = list(documents)
        previous = body["prev_version"]
        deleted = None if body["deleted"] is None else list(body["deleted"])
        affected = [*items, *(deleted or ())]
        wrapped = model or next((type(document) for document in affected if isinstance(document, BaseModel)), None)
        rows = _Rows(scope, self._handler(scope, wrapped, items), request)
        audience = self._audience(scope, rows.handler.model, affected) if self._rules else None
        if audience is not None and audience.users and getattr(previous, "owner", None) not in audience.users:
            previous = None  # it belonged to another user, and may contain what the new owner must not see
        payload: Payload[Any] = Payload(
            rows.handler.datatype,
            _action(scope, action or _declared(request) or StoreAction.READ),
            PayloadBody(
                [rows.of(document) for document in items],
                body["page"],
                None if previous is None else rows.of(previous),
                None if deleted is None else [str(getattr(document, "id", document)) for document in deleted],
            ),
        )
        if audience is not None:
            payload.__dict__[AUDIENCE] = audience
        return payload

    def _handler(self, scope: PluginScope, model: type[Any] | None, documents: list[Any]) -> PayloadHandler:
        if model is None:
            if documents:
                fix = "pass what the model's own methods return"
                raise scope.make_error(PayloadError, f"{describe_value(documents[0])} is not a document", fix=fix)
            raise scope.make_error(PayloadError, "an empty payload needs a model", fix="pass model=…")
        handler, _ = self._lookup(model)
        if handler is None:
            names = ", ".join(sorted(handled.__name__ for handled in self._handlers)) or "none"
            message = f"no payload handler is registered for {model.__name__}; classes with a handler: {names}"
            raise scope.make_error(PayloadError, message, fix=f"return PayloadHandler({model.__name__}, …) from register_payload")
        return handler

    def _lookup(self, model: type[Any]) -> tuple[PayloadHandler | None, Rules | None]:
        try:
            return self._nearest[model]
        except KeyError:
            return self._nearest.setdefault(model, (lookup_by_mro(self._handlers, model), lookup_by_mro(self._rules, model)))

    def _audience(self, scope: PluginScope, model: type[Any], documents: list[Any]) -> Audience | None:
        """Return the users who may see documents. Of those that are given by their ids alone, the owner is not known."""
        kinds = {type(document) if isinstance(document, BaseModel) else model for document in documents} or {model}
        rules = [self._lookup(kind)[1] for kind in kinds]
        if any(other is not rules[0] for other in rules):
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            message = f"documents of {names} have different rules, so they cannot be in one payload"
            raise scope.make_error(PayloadError, message, fix="make one payload per class")
        return None if rules[0] is None else rules[0].read.of([getattr(document, "owner", None) for document in documents])


class _Rows:
    """Makes the rows of one payload.

    Args:
        scope: the scope of the plugin that makes the payload.
        handler: the handler of the documents.
        request: passed to the handler's ``fields``.
    """

    __slots__ = ("_request", "_scope", "handler")

    def __init__(self, scope: PluginScope, handler: PayloadHandler, request: Any) -> None:
        self._scope = scope
        self._request = request
        self.handler = handler

    def of(self, document: Any) -> dict[str, Any]:
        """Return the row of one document."""
        handler = self.handler
        if not isinstance(document, handler.model):
            message = f"there is a {type(document).__name__} among documents of {handler.model.__name__}"
            raise self._error(message, fix="wrap documents of one class, or pass their common base class as model=…")
        row = wire(document)
        more = {} if handler.fields is None else self._more(document)
        tags = more["tags"] if "tags" in more else getattr(document, "tags", ())
        row |= more
        row["_displayName"] = self._text("display_name", handler.display_name, document)
        row["_completion"] = self._text("completion", handler.completion, document)
        row["_tags"] = self._tags(tags)
        return row

    def _text(self, name: str, function: Callable[[Any], Any], document: Any) -> str:
        text = self._call(name, function, document)
        if not isinstance(text, str):
            raise self._error(f"{self._what(name)} returned {describe_value(text)}", fix="return a string, which may be empty")
        return text

    def _more(self, document: Any) -> dict[str, Any]:
        """Return what ``fields`` adds. It may replace fields of the document, except those that identify a row."""
        fields = self._call("fields", self.handler.fields, document, self._request)
        if not isinstance(fields, Mapping):
            problem = f"{self._what('fields')} returned {describe_value(fields)}"
            raise self._error(problem, fix="return a mapping, which may be empty")
        if reserved := sorted(str(name) for name in fields if name == "id" or str(name).startswith("_")):
            fix = "give them other names: id and names that begin with an underscore belong to the host"
            raise self._error(f"{self._what('fields')} returned {', '.join(reserved)}", fix=fix)
        try:
            plain: dict[str, Any] = to_jsonable_python(dict(fields), by_alias=True)
        except (PydanticSerializationError, ValueError) as error:
            fix = "return JSON values (strings, numbers, lists, mappings), pydantic models or dates"
            raise self._error(f"{self._what('fields')} returned a value that is not JSON-serializable", fix=fix) from error
        return plain

    def _tags(self, tags: Any) -> list[str]:
        if tags is None:
            return []
        if isinstance(tags, list | tuple | set | frozenset) and all(isinstance(tag, str) for tag in tags):
            return list(tags) if isinstance(tags, list | tuple) else sorted(tags)
        message = f"tags of {self.handler.model.__name__} are not a list of strings, but {describe_value(tags)}"
        raise self._error(message, fix="rename the field, or return tags from the handler's fields")

    def _call(self, name: str, function: Any, *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as error:
            raise self._error(f"{self._what(name)} raised {type(error).__name__}") from error

    def _what(self, name: str) -> str:
        owner = self.handler.owner
        whose = f" of {owner}" if owner and owner != self._scope.key else ""
        return f"{name} of the payload handler of {self.handler.model.__name__}{whose}"

    def _error(self, message: str, fix: str = "") -> Exception:
        return self._scope.make_error(PayloadError, message, fix=fix)


def _declared(request: Any) -> str | None:
    """Return the store action that the route of a request declares for its responses."""
    if isinstance(request, RequestData):
        request = request.request
    handler = getattr(request, "route_handler", None)
    declared: str | None = getattr(handler, "opt", {}).get("operation", {}).get("store_action")
    return declared


def _action(scope: PluginScope, action: StoreAction | str) -> str:
    try:
        return _ACTIONS[action]
    except (KeyError, TypeError):
        message = f"unknown store action {action!r}; there are {', '.join(_ACTIONS)}"
        raise scope.make_error(PayloadError, message, fix="pass a hookspecs.StoreAction") from None
