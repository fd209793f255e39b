"""Documents into payloads, by the handlers that plugins registered (rows R13, R14)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hookspecs import Payload, PayloadBody, PayloadHandler, Rules, StoreAction
from host.errors import PayloadError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from host.scope import PluginScope


class PayloadWrapper:
    """Makes the envelope. One a host.

    Call it with a scope, documents and the keyword arguments of :meth:`hookspecs.Scope.payload`.
    """

    def __init__(self) -> None:
        self._handlers: dict[type[Any], PayloadHandler] = {}
        self._rules: Mapping[type[Any], Rules] = {}

    def use(self, handlers: Iterable[PayloadHandler], rules: Mapping[type[Any], Rules]) -> None:
        """Set the handlers and the rules, at most one a class."""
        self._rules = rules
        self._handlers = {handler.model: handler for handler in handlers}

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
        found = list(documents)
        handler = self._handler(scope, model or next((type(document) for document in found), None))
        previous, deleted = body["prev_version"], body["deleted"]
        return Payload(
            handler.datatype,
            StoreAction(action or _declared(request) or StoreAction.READ).value,
            PayloadBody(
                [_row(scope, handler, document, request) for document in found],
                body["page"],
                None if previous is None else _row(scope, handler, previous, request),
                None if deleted is None else list(deleted),
            ),
        )

    def _handler(self, scope: PluginScope, model: type[Any] | None) -> PayloadHandler:
        if model is None:
            raise scope.blame(PayloadError, "an empty payload needs its model", fix="pass model=…")
        try:
            return self._handlers[model]
        except KeyError:
            known = ", ".join(sorted(one.__name__ for one in self._handlers)) or "none"
            message = f"no payload handler is registered for {model.__name__}; there are handlers for {known}"
            fix = f"return PayloadHandler({model.__name__}, …) from register_payload"
            raise scope.blame(PayloadError, message, fix=fix) from None


def _declared(request: Any) -> str | None:
    """What the route of a request says of its answers."""
    handler = getattr(request, "route_handler", None)
    found: str | None = getattr(handler, "opt", {}).get("operation", {}).get("store_action")
    return found


def wire(document: BaseModel) -> dict[str, Any]:
    """The fields of a document as they travel: by alias, ``id`` instead of MongoDB's ``_id``, without Beanie's own."""
    fields = document.model_dump(mode="json", by_alias=True, exclude={"revision_id"})
    return {("id" if name == "_id" else name): value for name, value in fields.items()}


def _row(scope: PluginScope, handler: PayloadHandler, document: Any, request: Any) -> dict[str, Any]:
    row = wire(document)
    row["_displayName"] = _asked(scope, handler, "display_name", handler.display_name, document)
    row["_completion"] = _asked(scope, handler, "completion", handler.completion, document)
    row["_tags"] = list(getattr(document, "tags", ()))
    if handler.fields is not None:
        more = _asked(scope, handler, "fields", handler.fields, document, request)
        if not isinstance(more, Mapping):
            raise scope.blame(PayloadError, f"fields of the handler of {handler.model.__name__} returned {more!r}, not a mapping")
        row |= more
    return row


def _asked(scope: PluginScope, handler: PayloadHandler, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Exception as error:
        message = f"{name} of the payload handler of {handler.model.__name__} raised {type(error).__name__}"
        raise scope.blame(PayloadError, message) from error
