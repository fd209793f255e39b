"""Documents into payloads, by the handlers that plugins registered (rows R13, R14, E17)."""

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

#: Beanie's own field of a document.
_NOT_SENT: Final = {"revision_id"}
_ACTIONS: Final = {action.value: action.value for action in StoreAction}


def wire(document: BaseModel) -> dict[str, Any]:
    """The fields of a document as they travel: by alias, ``id`` instead of MongoDB's ``_id``, without Beanie's own."""
    fields = document.model_dump(mode="json", by_alias=True, exclude=_NOT_SENT)
    return {("id" if name == "_id" else name): value for name, value in fields.items()}


class PayloadWrapper:
    """Makes the envelope. One a host: there is at most one handler a class, whichever plugin wraps its documents.

    Call it with a scope, documents and the keyword arguments of :meth:`hookspecs.Scope.payload`. Documents of a class without a
    handler are wrapped by that of the nearest base that has one, and travel under its ``type``.
    """

    def __init__(self) -> None:
        self._handlers: dict[type[Any], PayloadHandler] = {}
        self._rules: Mapping[type[Any], Rules] = {}
        self._nearest: dict[type[Any], tuple[PayloadHandler | None, Rules | None]] = {}

    def use(self, handlers: Iterable[PayloadHandler], rules: Mapping[type[Any], Rules]) -> None:
        """Set the handlers and the rules, at most one a class."""
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
        """Wrap documents."""
        if isinstance(documents, BaseModel):  # which is iterable too
            raise scope.make_error(PayloadError, "documents are wrapped in a list", fix="pass [document]")
        found = list(documents)
        previous = body["prev_version"]
        gone = None if body["deleted"] is None else list(body["deleted"])
        of_class = model or next((type(one) for one in [*found, *(gone or ())] if isinstance(one, BaseModel)), None)
        rows = _Rows(scope, self._handler(scope, of_class, found), request)
        audience = self._audience(scope, rows.handler.model, [*found, *(gone or ())]) if self._rules else None
        if audience is not None and audience.users and getattr(previous, "owner", None) not in audience.users:
            previous = None  # it was somebody else's, and may say what the new owner was never to see
        payload: Payload[Any] = Payload(
            rows.handler.datatype,
            _action(scope, action or _declared(request) or StoreAction.READ),
            PayloadBody(
                [rows.of(one) for one in found],
                body["page"],
                None if previous is None else rows.of(previous),
                None if gone is None else [str(getattr(one, "id", one)) for one in gone],
            ),
        )
        if audience is not None:
            payload.__dict__[AUDIENCE] = audience
        return payload

    def _handler(self, scope: PluginScope, model: type[Any] | None, found: list[Any]) -> PayloadHandler:
        if model is None:
            if found:
                raise scope.make_error(
                    PayloadError, f"{describe_value(found[0])} is no document", fix="pass what the model's own methods return"
                )
            raise scope.make_error(PayloadError, "an empty payload needs its model", fix="pass model=…")
        handler, _ = self._known(model)
        if handler is None:
            known = ", ".join(sorted(one.__name__ for one in self._handlers)) or "none"
            message = f"no payload handler is registered for {model.__name__}; there are handlers for {known}"
            raise scope.make_error(PayloadError, message, fix=f"return PayloadHandler({model.__name__}, …) from register_payload")
        return handler

    def _known(self, model: type[Any]) -> tuple[PayloadHandler | None, Rules | None]:
        try:
            return self._nearest[model]
        except KeyError:
            return self._nearest.setdefault(model, (lookup_by_mro(self._handlers, model), lookup_by_mro(self._rules, model)))

    def _audience(self, scope: PluginScope, model: type[Any], documents: list[Any]) -> Audience | None:
        """Who may see documents, some of which are but ids: of those nobody knows the owner."""
        kinds = {type(one) if isinstance(one, BaseModel) else model for one in documents} or {model}
        rules = [self._known(kind)[1] for kind in kinds]
        if any(one is not rules[0] for one in rules):
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            message = f"documents of {names} have different rules, so nobody may see them in one payload"
            raise scope.make_error(PayloadError, message, fix="wrap those of each class in a payload of their own")
        return None if rules[0] is None else rules[0].read.of([getattr(one, "owner", None) for one in documents])


class _Rows:
    """Makes the rows of one payload.

    Args:
        scope: who wraps.
        handler: of the documents.
        request: what ``fields`` gets.
    """

    __slots__ = ("_request", "_scope", "handler")

    def __init__(self, scope: PluginScope, handler: PayloadHandler, request: Any) -> None:
        self._scope = scope
        self._request = request
        self.handler = handler

    def of(self, document: Any) -> dict[str, Any]:
        """The row of one document."""
        handler = self.handler
        if not isinstance(document, handler.model):
            message = f"there is a {type(document).__name__} among documents of {handler.model.__name__}"
            raise self._refused(message, fix="wrap documents of one class; model=… may name their common base")
        row = wire(document)
        more = {} if handler.fields is None else self._more(document)
        tags = more["tags"] if "tags" in more else getattr(document, "tags", ())
        row |= more
        row["_displayName"] = self._text("display_name", handler.display_name, document)
        row["_completion"] = self._text("completion", handler.completion, document)
        row["_tags"] = self._tags(tags)
        return row

    def _text(self, name: str, function: Callable[[Any], Any], document: Any) -> str:
        found = self._asked(name, function, document)
        if not isinstance(found, str):
            raise self._refused(f"{self._what(name)} returned {describe_value(found)}", fix="return a text, which may be empty")
        return found

    def _more(self, document: Any) -> dict[str, Any]:
        """What ``fields`` adds; it may replace fields of the document, but for those by which a row is known."""
        found = self._asked("fields", self.handler.fields, document, self._request)
        if not isinstance(found, Mapping):
            problem = f"{self._what('fields')} returned {describe_value(found)}"
            raise self._refused(problem, fix="return a mapping, which may be empty")
        if taken := sorted(str(name) for name in found if name == "id" or str(name).startswith("_")):
            fix = "give them other names: id and what begins with an underscore is the host's"
            raise self._refused(f"{self._what('fields')} returned {', '.join(taken)}", fix=fix)
        try:
            plain: dict[str, Any] = to_jsonable_python(dict(found), by_alias=True)
        except (PydanticSerializationError, ValueError) as error:
            fix = "return what JSON knows: texts, numbers, lists, mappings; or pydantic models and dates"
            raise self._refused(f"{self._what('fields')} returned what cannot travel", fix=fix) from error
        return plain

    def _tags(self, tags: Any) -> list[str]:
        if tags is None:
            return []
        if isinstance(tags, list | tuple | set | frozenset) and all(isinstance(tag, str) for tag in tags):
            return list(tags) if isinstance(tags, list | tuple) else sorted(tags)
        message = f"tags of {self.handler.model.__name__} are no list of texts, but {describe_value(tags)}"
        raise self._refused(message, fix="rename the field, or return tags from the handler's fields")

    def _asked(self, name: str, function: Any, *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as error:
            raise self._refused(f"{self._what(name)} raised {type(error).__name__}") from error

    def _what(self, name: str) -> str:
        owner = self.handler.owner
        whose = f" of {owner}" if owner and owner != self._scope.key else ""
        return f"{name} of the payload handler of {self.handler.model.__name__}{whose}"

    def _refused(self, message: str, fix: str = "") -> Exception:
        return self._scope.make_error(PayloadError, message, fix=fix)


def _declared(request: Any) -> str | None:
    """What the route of a request says of its answers."""
    if isinstance(request, RequestData):
        request = request.request
    handler = getattr(request, "route_handler", None)
    found: str | None = getattr(handler, "opt", {}).get("operation", {}).get("store_action")
    return found


def _action(scope: PluginScope, action: StoreAction | str) -> str:
    try:
        return _ACTIONS[action]
    except (KeyError, TypeError):
        message = f"unknown store action {action!r}; there are {', '.join(_ACTIONS)}"
        raise scope.make_error(PayloadError, message, fix="pass a hookspecs.StoreAction") from None
