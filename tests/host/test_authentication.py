"""Routes that ask who somebody is: no plugin with one is served unless a plugin knows the users (rows R26, R27)."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from textwrap import dedent

import httpx
import pytest
from litestar.exceptions import WebSocketDisconnect

from host import Host
from host.common.errors import ContractError, DependencyFailedError
from tests.conformance.kit import ISOLATE, error, failures, in_host
from tests.distributions import Project
from tests.host.running import boot, client_of
from tests.inprocess import client_of as http_of
from tests.inprocess import running

#: Knows one user by the header ``X-User: <id>:<roles>``; says no to ``X-User: forged``.
KNOWS = """
    from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

    class Headers:
        async def authenticate(self, connection):
            given = connection.headers.get("x-user")
            if given is None:
                return None
            if given == "forged":
                raise NotAuthorizedException("forged")
            if given == "elsewhere":
                raise PermissionDeniedException("not from there")
            if given == "boom":
                raise OSError("the password is hunter2")
            if given == "wrong":
                return {"id": "ada", "roles": ["admin"]}
            name, _, roles = given.partition(":")
            return User(id=name, roles=frozenset(filter(None, roles.split(","))))

    @hookimpl
    def register_contract(scope): return Contract(Authenticator, Headers(), version="1")
"""

#: Knows users, and fails at start.
BROKEN = f"{KNOWS}\n    @hookimpl\n    def on_startup(scope): raise OSError('no disk')\n"

#: Three routes: for all, for who has signed in, for admins.
ASKS = """
    from typing import Any
    from litestar import Request, get

    @get("/open", sync_to_thread=False)
    def public() -> str: return "open"

    @get("/mine", guards=[authenticated])
    async def mine(request: Request[Any, Any, Any]) -> str: return (await user_of(request)).id

    @get("/all", guards=[requires("admin", "auditor")], sync_to_thread=False)
    def everything() -> str: return "all"

    @hookimpl
    def register_routes(scope): return [public, mine, everything]
"""


def ask(project: Project, path: str, **headers: str | bytes) -> httpx.Response:
    """What a started host answers to a GET with some headers."""

    given = {
        name.replace("_", "-"): value if isinstance(value, bytes) else value.encode("latin-1") for name, value in headers.items()
    }

    async def once(host: Host) -> httpx.Response:
        async with http_of(host) as client:
            return await client.get(path, headers=given)

    return in_host(project, once)


@pytest.mark.parametrize(
    ("path", "user", "status"),
    [
        ("/open", None, 200),
        ("/mine", None, 401),
        ("/mine", "ada", 200),
        ("/mine", "forged", 401),
        ("/mine", "elsewhere", 403),
        ("/all", None, 401),
        ("/all", "ada", 403),
        ("/all", "ada:clerk", 403),
        ("/all", "ada:auditor,clerk", 200),
    ],
)
def test_a_guard_lets_pass_who_may(project: Project, path: str, user: str | None, status: int) -> None:
    project.install("shop-users", KNOWS)
    project.install("shop-cart", ASKS)
    answer = ask(project, f"/shop__cart{path}", **({} if user is None else {"X_User": user}))
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("given", ["boom", "wrong"])
def test_an_authenticator_that_does_not_work_lets_nobody_pass_and_is_named_in_the_log(
    project: Project, given: str, caplog: pytest.LogCaptureFixture
) -> None:
    project.install("shop-users", KNOWS)
    project.install("shop-cart", ASKS)
    with caplog.at_level(logging.ERROR, "host.web"):
        answer = ask(project, "/shop__cart/mine", X_User=given)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "the authenticator of shop__users" in caplog.text


#: What asks for a user in one way each: the source, what the hook returns, and how it is told.
ASKING = {
    "a handler": ('@get("/", guards=[authenticated])\nasync def mine() -> None: ...', "mine", "GET / (mine)"),
    "a guard in a partial": ('@get("/", guards=[partial(authenticated)])\nasync def mine() -> None: ...', "mine", "GET / (mine)"),
    "what a guard does": ('@get("/", guards=[authenticated.__call__])\nasync def mine() -> None: ...', "mine", "GET / (mine)"),
    "a role": ('@get("/", guards=[requires("admin")])\nasync def mine() -> None: ...', "mine", "GET / (mine)"),
    "a controller": (
        """
        class Mine(Controller):
            path = "/mine"
            guards = [authenticated]
            @get("/all")
            async def mine(self) -> None: ...
        """,
        "Mine",
        "GET /mine/all (Mine.mine)",
    ),
    "a base of a controller": (
        """
        class Base(Controller):
            guards = (authenticated,)
        class Mine(Base):
            @get("/all")
            async def mine(self) -> None: ...
        """,
        "Mine",
        "GET /all (Mine.mine)",
    ),
    "a router": (
        '@get("/")\nasync def mine() -> None: ...',
        'Router("/r", route_handlers=[mine], guards=[authenticated])',
        "GET /r (mine)",
    ),
    "a router around a controller": (
        """
        class Mine(Controller):
            @get("/all")
            async def mine(self) -> None: ...
        """,
        'Router("/r", route_handlers=[Router("/s", route_handlers=[Mine])], guards=[authenticated])',
        "GET /r/s/all (Mine.mine)",
    ),
    "an application": (
        '@asgi("/", guards=[authenticated], copy_scope=True)\nasync def mine(scope: Any, receive: Any, send: Any) -> None: ...',
        "mine",
        "ASGI / (mine)",
    ),
    "a websocket": (
        '@websocket("/", guards=[authenticated])\nasync def mine(socket: WebSocket[Any, Any, Any]) -> None: await socket.accept()',
        "mine",
        "WEBSOCKET / (mine)",
    ),
    "a listener": (
        """
        class Mine(WebsocketListener):
            path = "/"
            guards = [authenticated]
            def on_receive(self, data: str) -> str: return data
        """,
        "Mine",
        "WEBSOCKET / (Mine)",
    ),
}
PARTS = """
from functools import partial
from typing import Any
from litestar import Controller, Router, WebSocket, asgi, get, websocket
from litestar.handlers import WebsocketListener
"""


def plugin(how: str) -> str:
    """A plugin that asks for a user in one way."""
    source, returned, _ = ASKING[how]
    return f"{PARTS}{dedent(source)}\n@hookimpl\ndef register_routes(scope): return {returned}\n"


@pytest.mark.parametrize("how", list(ASKING))
def test_a_route_that_asks_is_not_there_while_nobody_knows_users(project: Project, how: str) -> None:
    project.install("shop-cart", plugin(how))
    found = error(project)
    assert isinstance(found, ContractError)
    assert (found.plugin, found.distribution) == ("shop__cart", "shop-cart")
    assert ASKING[how][2] in found.message
    assert "acme-auth" in found.fix


@pytest.mark.parametrize("how", [how for how in ASKING if "WEBSOCKET" not in ASKING[how][2]])
def test_with_a_plugin_that_knows_users_it_is_there_and_closed(project: Project, how: str) -> None:
    project.install("shop-users", KNOWS)
    project.install("shop-cart", plugin(how))
    assert ask(project, f"/shop__cart{ASKING[how][2].split()[1]}").status_code == 401


@pytest.mark.parametrize("how", ["a websocket", "a listener"])
def test_a_socket_is_closed_too(project: Project, how: str) -> None:
    project.install("shop-users", KNOWS)
    project.install("shop-cart", plugin(how))
    with client_of(project) as client:
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/shop__cart/"):
            pass
        assert refused.value.detail == "sign in first"
        with client.websocket_connect("/shop__cart/", headers={"X-User": "ada"}):
            pass


#: Things without a route of the plugin's own, and how they are told.
OTHER = {
    "the layer": ("@hookimpl\ndef register_layer(scope): return Layer(guards=[authenticated])\n", "all routes, by its layer"),
    "a channel": (
        '@hookimpl\ndef register_channels(scope): return Channel("priceChanged", str, guards=[authenticated])\n',
        "the channel priceChanged",
    ),
    "rules": (
        """
        from beanie import Document
        class Price(Document):
            owner: str | None = None
        @hookimpl
        def register_models(scope): return Price
        @hookimpl
        def register_rules(scope): return Rules(model=Price, read=anyone)
        """,
        "the rules of Price",
    ),
}


@pytest.mark.parametrize("how", list(OTHER))
def test_what_else_asks_needs_a_plugin_that_knows_users_too(project: Project, how: str) -> None:
    source, told = OTHER[how]
    project.install("shop-cart", source)
    found = error(project)
    assert isinstance(found, ContractError)
    assert told in found.message


def test_rules_that_let_everybody_do_everything_ask_nobody(project: Project) -> None:
    project.install("shop-cart", OTHER["rules"][0].replace("read=anyone", "read=anyone, create=anyone, update=anyone"))
    assert boot(project).order == ["shop__cart"]


def test_only_the_first_of_many_are_told(project: Project) -> None:
    routes = "".join(f'@get("/r{n}", guards=[authenticated])\nasync def r{n}() -> None: ...\n' for n in range(9))
    hook = f"@hookimpl\ndef register_routes(scope): return [{', '.join(f'r{n}' for n in range(9))}]\n"
    project.install("shop-cart", f"{PARTS}{routes}{hook}")
    assert "GET /r4 (r4) and 4 more" in error(project).message


def test_a_provider_of_a_version_that_the_host_does_not_know_is_none(project: Project) -> None:
    project.install("shop-users", KNOWS.replace('version="1"', 'version="2"'))
    project.install("shop-cart", ASKS)
    found = error(project)
    assert isinstance(found, ContractError)
    assert "shop__users provides 2" in found.message


def test_a_provider_that_is_disabled_is_none(project: Project) -> None:
    project.configure('[plugins]\ndisabled = ["shop__users"]\n')
    project.install("shop-users", KNOWS)
    project.install("shop-cart", ASKS)
    assert isinstance(error(project), ContractError)


def test_who_asks_nobody_needs_nobody(project: Project) -> None:
    project.install("shop-cart", ASKS.replace("guards=[authenticated]", "guards=[]").replace('requires("admin", "auditor")', ""))
    assert ask(project, "/shop__cart/open").text == "open"


#: Guards that nobody can look into. Of what an ordinary function returns, Litestar itself takes no notice.
HIDING = {
    "a coroutine function": "async def hiding(connection: Any, handler: Any) -> None: await authenticated(connection, handler)",
    "a lambda": "hiding = lambda connection, handler: authenticated(connection, handler)",
    "a function": "def hiding(connection: Any, handler: Any) -> Any: return requires('admin')(connection, handler)",
}


def hiding(how: str) -> str:
    """A plugin with a route, a socket and a mounted application behind such a guard."""
    return f"""{PARTS}
{HIDING[how]}

@get("/", guards=[hiding])
async def mine() -> str: return "mine"

@websocket("/socket", guards=[hiding])
async def socket(socket: WebSocket[Any, Any, Any]) -> None: await socket.accept()

@asgi("/app", is_mount=True, guards=[hiding], copy_scope=True)
async def app(scope: Any, receive: Any, send: Any) -> None:
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": b"app"}})

@hookimpl
def register_routes(scope): return [mine, socket, app]
"""


@pytest.mark.parametrize("path", ["/shop__cart", "/shop__cart/app"])
@pytest.mark.parametrize("how", list(HIDING))
def test_a_guard_that_hides_another_lets_nobody_pass_where_nobody_knows_users(project: Project, how: str, path: str) -> None:
    project.install("shop-cart", hiding(how))
    assert ask(project, path, X_User="ada:admin").status_code == 500


@pytest.mark.parametrize("path", ["/shop__cart", "/shop__cart/app"])
@pytest.mark.parametrize("how", list(HIDING))
def test_a_guard_that_hides_another_lets_pass_who_may(project: Project, how: str, path: str) -> None:
    project.install("shop-users", KNOWS)
    project.install("shop-cart", hiding(how))
    assert [ask(project, path, **headers).status_code for headers in ({}, {"X_User": "ada:admin"})] == [401, 200]


@pytest.mark.parametrize("how", list(HIDING))
def test_a_guard_that_hides_another_closes_sockets(project: Project, how: str) -> None:
    project.install("shop-users", KNOWS)
    project.install("shop-cart", hiding(how))
    with client_of(project) as client, pytest.raises(WebSocketDisconnect), client.websocket_connect("/shop__cart/socket"):
        pass


def test_an_ordinary_function_may_be_a_guard(project: Project) -> None:
    project.install(
        "shop-cart",
        f"""{PARTS}
from litestar.exceptions import PermissionDeniedException

def desk(connection: Any, handler: Any) -> None:
    if connection.headers.get("x-desk") != "news": raise PermissionDeniedException("for the news desk")

@get("/", guards=[desk])
async def mine() -> str: return "mine"

@hookimpl
def register_routes(scope): return mine
""",
    )
    assert [ask(project, "/shop__cart", **headers).status_code for headers in ({}, {"X_Desk": "news"})] == [403, 200]


def test_two_hosts_in_one_process_know_users_of_their_own(tmp_path: Path) -> None:
    one, other = Project.at(tmp_path / "one"), Project.at(tmp_path / "other")
    one.install("shop-users", KNOWS)
    one.install("shop-cart", ASKS)
    other.install("tool-users", KNOWS.replace("id=name", 'id=f"other {name}"'))
    other.install("tool-cart", ASKS)

    async def life() -> list[str]:
        async with running(one) as (_, first), running(other) as (_, second):
            headers = {"X-User": "ada"}
            found = await first.get("/shop__cart/mine", headers=headers), await second.get("/tool__cart/mine", headers=headers)
            return [answer.text for answer in found]

    with one.site.active(), other.site.active():
        assert asyncio.run(life()) == ["ada", "other ada"]


def test_a_plugin_comes_after_the_one_that_knows_users(project: Project) -> None:
    project.install("zoo-users", KNOWS)
    project.install("shop-cart", ASKS)
    made = boot(project)
    assert made.order == ["zoo__users", "shop__cart"]
    assert made.plan.why("shop__cart", "zoo__users", needed=True) == ["authentication"]


def test_what_lies_in_a_plugin_is_behind_its_layer(project: Project) -> None:
    source = """
    import types
    from litestar import get

    @get("/", sync_to_thread=False)
    def inner() -> str: return "inner"

    class Inner:
        @hookimpl
        def register_routes(self, scope): return inner

    @hookimpl
    def register_plugins(scope): return Child(Inner, "inner", prefix="/inner")
    @hookimpl
    def register_layer(scope): return Layer(guards=[authenticated])
    """
    project.install("shop-cart", source)
    project.configure(ISOLATE)
    assert sorted(failures(project)) == ["shop__cart", "shop__cart.inner"]
    project.install("shop-users", KNOWS)
    assert [ask(project, "/shop__cart/inner", **headers).status_code for headers in ({}, {"X_User": "ada"})] == [401, 200]


@pytest.mark.parametrize("hook", ["on_startup", "on_ready"])
def test_with_the_plugin_that_knows_users_go_those_who_ask(project: Project, hook: str) -> None:
    project.configure(ISOLATE)
    project.install("zoo-users", f"{KNOWS}\n    @hookimpl\n    def {hook}(scope): raise OSError('no disk')\n")
    project.install("shop-cart", ASKS)
    project.install("shop-other", ASKS.replace("guards=[authenticated]", "guards=[]").replace('requires("admin", "auditor")', ""))
    answers = [
        ask(project, path, X_User="ada").status_code for path in ("/shop__cart/open", "/shop__cart/mine", "/shop__other/open")
    ]
    assert answers == [503, 503, 200]
    assert isinstance(failures(project)["shop__cart"][0], DependencyFailedError)


def test_policies_that_differ_open_nothing(project: Project) -> None:
    """The one that knows users may be isolated; the one that asks may not, and is not to blame either."""
    project.configure('[plugins.zoo__users]\non_failure = "isolate"\n')
    project.install("zoo-users", BROKEN)
    project.install("shop-cart", ASKS)
    assert [ask(project, f"/shop__cart/{path}", X_User="ada").status_code for path in ("open", "mine")] == [503, 503]


def test_a_plugin_that_the_one_that_knows_users_requires_may_ask_too(project: Project) -> None:
    """They cannot both come first; a user is asked for when both have started."""
    project.configure(ISOLATE)
    project.install("shop-mail", ASKS)
    project.install("zoo-users", KNOWS, requires=["shop-mail"])
    assert boot(project).order == ["shop__mail", "zoo__users"]
    assert [ask(project, "/shop__mail/mine", **headers).status_code for headers in ({}, {"X_User": "ada"})] == [401, 200]


def test_and_goes_with_it_all_the_same(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("shop-mail", ASKS)
    project.install("zoo-users", BROKEN, requires=["shop-mail"])
    assert ask(project, "/shop__mail/open").status_code == 503


def test_a_plugin_may_ask_what_it_knows_itself(project: Project) -> None:
    project.install("shop-users", KNOWS + ASKS)
    assert [ask(project, "/shop__users/mine", **headers).status_code for headers in ({}, {"X_User": "ada"})] == [401, 200]


def test_a_plugin_may_use_the_contract_as_any_other(project: Project) -> None:
    project.install("zoo-users", KNOWS)
    project.install(
        "shop-cart",
        """
        from typing import Any
        from litestar import Request, get

        @get("/", sync_to_thread=False)
        def whose(authenticator: Authenticator) -> str: return type(authenticator).__name__

        @hookimpl
        def register_contract(scope): return Uses(Authenticator, "authenticator", version=">=1,<2")
        @hookimpl
        def register_routes(scope): return whose
        """,
    )
    assert ask(project, "/shop__cart").text == "Headers"


#: A route that shows the request data.
SHOWS = """
    from litestar import get

    @get("/", sync_to_thread=False)
    def shown(request_data: RequestData) -> list[object]:
        user = request_data.user
        return [request_data.broadcast, request_data.project, user and user.id, request_data.request.url.path]

    @get("/plain", sync_to_thread=False)
    def plain() -> str: return "plain"

    @hookimpl
    def register_routes(scope): return [shown, plain]
"""


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, [True, None]),
        ({"X_Broadcast": "false"}, [False, None]),
        ({"X_Broadcast": "0"}, [False, None]),
        ({"X_Broadcast": "true"}, [True, None]),
        ({"X_Broadcast": "1"}, [True, None]),
        ({"X_Project": ""}, [True, None]),
        ({"X_Project": "Roof & walls"}, [True, "Roof & walls"]),
        ({"X_Project": "Dächer"}, [True, "Dächer"]),
        ({"X_Project": "Dächer".encode()}, [True, "Dächer"]),
        ({"X_Project": "x" * 200}, [True, "x" * 200]),
    ],
)
def test_request_data_says_how_a_request_is_meant(project: Project, headers: dict[str, str], found: list[object]) -> None:
    project.install("shop-cart", SHOWS)
    assert ask(project, "/shop__cart", **headers).json() == [*found, None, "/shop__cart"]


@pytest.mark.parametrize(
    "headers",
    [{"X_Broadcast": "no"}, {"X_Broadcast": ""}, {"X_Project": "x" * 201}, {"X_Project": "a\tb"}, {"X_Project": "a\x7fb"}],
)
def test_a_header_that_does_not_fit_is_a_problem(project: Project, headers: dict[str, str]) -> None:
    project.install("shop-cart", SHOWS)
    answer = ask(project, "/shop__cart", **headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_request_data_knows_the_user(project: Project) -> None:
    project.install("zoo-users", KNOWS)
    project.install("shop-cart", SHOWS)
    found = [ask(project, "/shop__cart", **headers) for headers in ({}, {"X_User": "ada"}, {"X_User": "forged"})]
    assert [found[0].json()[2], found[1].json()[2], found[2].status_code] == [None, "ada", 401]


def test_request_data_knows_nobody_where_the_plugin_that_knows_users_failed(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("zoo-users", BROKEN)
    project.install("shop-cart", SHOWS)
    assert ask(project, "/shop__cart", X_User="ada").json()[2] is None


def test_the_headers_are_read_only_where_somebody_wants_them(project: Project) -> None:
    project.install("shop-cart", SHOWS)
    assert ask(project, "/shop__cart/plain", X_Broadcast="no").text == "plain"


def test_request_data_stands_neither_in_openapi_nor_in_the_generated_file(project: Project) -> None:
    project.install("shop-cart", SHOWS)
    assert ask(project, "/schema/openapi.json").json()["paths"]["/shop__cart"]["get"].get("parameters", []) == []
    outcome = project.host("generate-config", "--stdout")
    assert outcome.code == 0, outcome.stderr
    assert not {"X-Broadcast", "xProject", "requestData", "request_data"} & set(outcome.stdout.replace('"', " ").split())
