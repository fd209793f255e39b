"""The assembled application behaves as Litestar's own does."""

from __future__ import annotations

import pytest
from litestar import Controller, Litestar, delete, get, post
from litestar.params import FromPath
from litestar.testing import TestClient

from host.common.errors import FrozenError
from host.web.litestar.application import Application


@get("/things", sync_to_thread=False)
def list_things() -> list[int]:
    return [1]


@post("/things", sync_to_thread=False)
def add_thing() -> int:
    return 2


class Things(Controller):
    path = "/things"

    @get("/{number:int}", sync_to_thread=False)
    def read(self, number: FromPath[int]) -> int:
        return number

    @delete("/{number:int}", sync_to_thread=False)
    def remove(self, number: FromPath[int]) -> None:
        del number


HANDLERS = [list_things, add_thing, Things]


def shape(app: Litestar) -> set[tuple[str, frozenset[str]]]:
    return {(route.path, frozenset(str(method) for method in getattr(route, "methods", ()))) for route in app.routes}


def test_the_same_handlers_give_the_same_routes() -> None:
    assert shape(Application(route_handlers=HANDLERS)) == shape(Litestar(route_handlers=HANDLERS))


def test_all_methods_of_a_path_that_are_registered_separately_respond() -> None:
    with TestClient(Application(route_handlers=HANDLERS)) as client:
        answers = [client.get("/things"), client.post("/things"), client.get("/things/7"), client.delete("/things/7")]
    assert [answer.status_code for answer in answers] == [200, 201, 200, 204]


def test_routes_cannot_be_registered_later() -> None:
    @get("/late", sync_to_thread=False)
    def late() -> str:
        return "late"

    app = Application(route_handlers=HANDLERS)
    with pytest.raises(FrozenError) as caught:
        app.register(late)
    assert "register_routes" in caught.value.fix
    with TestClient(app) as client:
        assert client.get("/late").status_code == 404


def test_options_requests_are_answered_as_by_litestar() -> None:
    def allowed(app: Litestar) -> set[str]:
        with TestClient(app) as client:
            return {method.strip() for method in client.options("/things").headers["allow"].split(",")}

    assert allowed(Application(route_handlers=HANDLERS)) == allowed(Litestar(route_handlers=HANDLERS))
