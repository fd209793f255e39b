"""Routes that need a user: a plugin with such a route is only served if another plugin provides an authenticator."""

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

#: Authenticates by the header ``X-User: <id>:<roles>``; rejects ``X-User: forged``.
AUTHENTICATOR = """
    from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

    class Headers:
        async def authenticate(self, connection):
            user = connection.headers.get("x-user")
            if user is None:
                return None
            if user == "forged":
                raise NotAuthorizedException("forged")
            if user == "elsewhere":
                raise PermissionDeniedException("not from there")
            if user == "boom":
                raise OSError("the password is hunter2")
            if user == "wrong":
                return {"id": "ada", "roles": ["admin"]}
            name, _, roles = user.partition(":")
            return User(id=name, roles=frozenset(filter(None, roles.split(","))))

    @hookimpl
    def register_contract(scope): return Contract(Authenticator, Headers(), version="1")
"""

#: Provides an authenticator, and fails at start-up.
BROKEN = f"{AUTHENTICATOR}\n    @hookimpl\n    def on_startup(scope): raise OSError('no disk')\n"

#: Three routes: for everyone, for authenticated users, for admins.
NEEDS_USER = """
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
    """Return a started host's response to a GET request with some headers."""

    sent = {
        name.replace("_", "-"): value if isinstance(value, bytes) else value.encode("latin-1") for name, value in headers.items()
    }

    async def once(host: Host) -> httpx.Response:
        async with http_of(host) as client:
            return await client.get(path, headers=sent)

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
def test_a_guard_admits_permitted_users_only(project: Project, path: str, user: str | None, status: int) -> None:
    project.install("shop-users", AUTHENTICATOR)
    project.install("shop-cart", NEEDS_USER)
    answer = ask(project, f"/shop__cart{path}", **({} if user is None else {"X_User": user}))
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("user", ["boom", "wrong"])
def test_a_failing_authenticator_admits_no_one_and_is_named_in_the_log(
    project: Project, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    project.install("shop-users", AUTHENTICATOR)
    project.install("shop-cart", NEEDS_USER)
    with caplog.at_level(logging.ERROR, "host.web"):
        answer = ask(project, "/shop__cart/mine", X_User=user)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "the authenticator of shop__users" in caplog.text


#: One way each to require a user: the source, what the hook returns, and the description in the error.
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
    """Return the source of a plugin that requires a user in one way."""
    source, returned, _ = ASKING[how]
    return f"{PARTS}{dedent(source)}\n@hookimpl\ndef register_routes(scope): return {returned}\n"


@pytest.mark.parametrize("how", list(ASKING))
def test_a_route_that_needs_a_user_is_an_error_without_an_authenticator(project: Project, how: str) -> None:
    project.install("shop-cart", plugin(how))
    failure = error(project)
    assert isinstance(failure, ContractError)
    assert (failure.plugin, failure.distribution) == ("shop__cart", "shop-cart")
    assert ASKING[how][2] in failure.message
    assert "acme-auth" in failure.fix


@pytest.mark.parametrize("how", [how for how in ASKING if "WEBSOCKET" not in ASKING[how][2]])
def test_a_route_that_needs_a_user_is_served_and_protected_with_an_authenticator(project: Project, how: str) -> None:
    project.install("shop-users", AUTHENTICATOR)
    project.install("shop-cart", plugin(how))
    assert ask(project, f"/shop__cart{ASKING[how][2].split()[1]}").status_code == 401


@pytest.mark.parametrize("how", ["a websocket", "a listener"])
def test_a_socket_that_needs_a_user_is_protected_too(project: Project, how: str) -> None:
    project.install("shop-users", AUTHENTICATOR)
    project.install("shop-cart", plugin(how))
    with client_of(project) as client:
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/shop__cart/"):
            pass
        assert refused.value.detail == "sign in first"
        with client.websocket_connect("/shop__cart/", headers={"X-User": "ada"}):
            pass


#: Contributions other than the plugin's own routes, and their description in the error.
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


@pytest.mark.parametrize(
    ("source", "hook"),
    [
        (OTHER["the layer"][0], "register_layer"),
        (plugin(next(iter(ASKING))), "register_routes"),
        (OTHER["a channel"][0], "register_channels"),
        (OTHER["rules"][0], "register_rules"),
    ],
)
def test_the_error_names_the_hook_that_needs_a_user(project: Project, source: str, hook: str) -> None:
    project.install("shop-cart", source)
    failure = error(project)
    assert isinstance(failure, ContractError)
    assert failure.hook == hook


@pytest.mark.parametrize("how", list(OTHER))
def test_other_contributions_that_need_a_user_are_an_error_without_an_authenticator(project: Project, how: str) -> None:
    source, description = OTHER[how]
    project.install("shop-cart", source)
    failure = error(project)
    assert isinstance(failure, ContractError)
    assert description in failure.message


def test_rules_that_permit_everything_to_everyone_need_no_authenticator(project: Project) -> None:
    project.install("shop-cart", OTHER["rules"][0].replace("read=anyone", "read=anyone, create=anyone, update=anyone"))
    assert boot(project).order == ["shop__cart"]


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (1, "GET /r0 (r0)"),
        (5, "GET /r0 (r0), GET /r1 (r1), GET /r2 (r2), GET /r3 (r3), GET /r4 (r4)"),
        (9, "GET /r0 (r0), GET /r1 (r1), GET /r2 (r2), GET /r3 (r3), GET /r4 (r4) and 4 more"),
    ],
)
def test_only_the_first_of_many_routes_are_named(project: Project, count: int, named: str) -> None:
    routes = "".join(f'@get("/r{n}", guards=[authenticated])\nasync def r{n}() -> None: ...\n' for n in range(count))
    hook = f"@hookimpl\ndef register_routes(scope): return [{', '.join(f'r{n}' for n in range(count))}]\n"
    project.install("shop-cart", f"{PARTS}{routes}{hook}")
    needs = "shop__cart needs the user of a request for"
    assert error(project).message == f"{needs} {named}, and no enabled plugin provides the contract Authenticator"


def test_an_authenticator_of_an_unsupported_version_is_not_used(project: Project) -> None:
    project.install("shop-users", AUTHENTICATOR.replace('version="1"', 'version="2"'))
    project.install("shop-cart", NEEDS_USER)
    failure = error(project)
    assert isinstance(failure, ContractError)
    assert "shop__users provides 2" in failure.message


def test_a_disabled_authenticator_is_not_used(project: Project) -> None:
    project.configure('[plugins]\ndisabled = ["shop__users"]\n')
    project.install("shop-users", AUTHENTICATOR)
    project.install("shop-cart", NEEDS_USER)
    assert isinstance(error(project), ContractError)


def test_a_plugin_that_needs_no_user_needs_no_authenticator(project: Project) -> None:
    project.install(
        "shop-cart", NEEDS_USER.replace("guards=[authenticated]", "guards=[]").replace('requires("admin", "auditor")', "")
    )
    assert ask(project, "/shop__cart/open").text == "open"


#: Guards that cannot be inspected. Litestar itself ignores what an ordinary function returns.
HIDING = {
    "a coroutine function": "async def hiding(connection: Any, handler: Any) -> None: await authenticated(connection, handler)",
    "a lambda": "hiding = lambda connection, handler: authenticated(connection, handler)",
    "a function": "def hiding(connection: Any, handler: Any) -> Any: return requires('admin')(connection, handler)",
}


def hiding(how: str) -> str:
    """Return the source of a plugin with a route, a socket and a mounted application behind such a guard."""
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
def test_a_guard_that_hides_another_admits_no_one_without_an_authenticator(project: Project, how: str, path: str) -> None:
    project.install("shop-cart", hiding(how))
    assert ask(project, path, X_User="ada:admin").status_code == 500


@pytest.mark.parametrize("path", ["/shop__cart", "/shop__cart/app"])
@pytest.mark.parametrize("how", list(HIDING))
def test_a_guard_that_hides_another_admits_permitted_users(project: Project, how: str, path: str) -> None:
    project.install("shop-users", AUTHENTICATOR)
    project.install("shop-cart", hiding(how))
    assert [ask(project, path, **headers).status_code for headers in ({}, {"X_User": "ada:admin"})] == [401, 200]


@pytest.mark.parametrize("how", list(HIDING))
def test_a_guard_that_hides_another_protects_sockets(project: Project, how: str) -> None:
    project.install("shop-users", AUTHENTICATOR)
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


def test_two_hosts_in_one_process_have_separate_authenticators(tmp_path: Path) -> None:
    cart, tool = Project.at(tmp_path / "cart"), Project.at(tmp_path / "tool")
    cart.install("shop-users", AUTHENTICATOR)
    cart.install("shop-cart", NEEDS_USER)
    tool.install("tool-users", AUTHENTICATOR.replace("id=name", 'id=f"tool {name}"'))
    tool.install("tool-cart", NEEDS_USER)

    async def life() -> list[str]:
        async with running(cart) as (_, first), running(tool) as (_, second):
            headers = {"X-User": "ada"}
            responses = await first.get("/shop__cart/mine", headers=headers), await second.get("/tool__cart/mine", headers=headers)
            return [answer.text for answer in responses]

    with cart.site.active(), tool.site.active():
        assert asyncio.run(life()) == ["ada", "tool ada"]


def test_a_plugin_that_needs_users_loads_after_the_authenticator(project: Project) -> None:
    project.install("zoo-users", AUTHENTICATOR)
    project.install("shop-cart", NEEDS_USER)
    loaded = boot(project)
    assert loaded.order == ["zoo__users", "shop__cart"]
    assert loaded.plan.why("shop__cart", "zoo__users", needed=True) == ["authentication"]


def test_the_layer_of_a_plugin_protects_its_children(project: Project) -> None:
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
    project.install("shop-users", AUTHENTICATOR)
    assert [ask(project, "/shop__cart/inner", **headers).status_code for headers in ({}, {"X_User": "ada"})] == [401, 200]


@pytest.mark.parametrize("hook", ["on_startup", "on_ready"])
def test_plugins_that_need_users_fail_with_the_authenticator(project: Project, hook: str) -> None:
    project.configure(ISOLATE)
    project.install("zoo-users", f"{AUTHENTICATOR}\n    @hookimpl\n    def {hook}(scope): raise OSError('no disk')\n")
    project.install("shop-cart", NEEDS_USER)
    project.install(
        "shop-other", NEEDS_USER.replace("guards=[authenticated]", "guards=[]").replace('requires("admin", "auditor")', "")
    )
    answers = [
        ask(project, path, X_User="ada").status_code for path in ("/shop__cart/open", "/shop__cart/mine", "/shop__other/open")
    ]
    assert answers == [503, 503, 200]
    assert isinstance(failures(project)["shop__cart"][0], DependencyFailedError)


def test_different_failure_policies_expose_no_route(project: Project) -> None:
    """The authenticator's plugin may be isolated; the plugin that needs users may not, but is not to blame either."""
    project.configure('[plugins.zoo__users]\non_failure = "isolate"\n')
    project.install("zoo-users", BROKEN)
    project.install("shop-cart", NEEDS_USER)
    assert [ask(project, f"/shop__cart/{path}", X_User="ada").status_code for path in ("open", "mine")] == [503, 503]


def test_a_plugin_that_the_authenticators_plugin_requires_may_need_users_too(project: Project) -> None:
    """Neither can load after the other; users are authenticated when both have started."""
    project.configure(ISOLATE)
    project.install("shop-mail", NEEDS_USER)
    project.install("zoo-users", AUTHENTICATOR, requires=["shop-mail"])
    assert boot(project).order == ["shop__mail", "zoo__users"]
    assert [ask(project, "/shop__mail/mine", **headers).status_code for headers in ({}, {"X_User": "ada"})] == [401, 200]


def test_a_plugin_that_the_authenticators_plugin_requires_fails_with_it(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("shop-mail", NEEDS_USER)
    project.install("zoo-users", BROKEN, requires=["shop-mail"])
    assert ask(project, "/shop__mail/open").status_code == 503


def test_a_plugin_may_use_its_own_authenticator(project: Project) -> None:
    project.install("shop-users", AUTHENTICATOR + NEEDS_USER)
    assert [ask(project, "/shop__users/mine", **headers).status_code for headers in ({}, {"X_User": "ada"})] == [401, 200]


def test_a_plugin_may_use_the_authenticators_contract_like_any_other(project: Project) -> None:
    project.install("zoo-users", AUTHENTICATOR)
    project.install(
        "shop-cart",
        """
        from typing import Any
        from litestar import Request, get

        @get("/", sync_to_thread=False)
        def used(authenticator: Authenticator) -> str: return type(authenticator).__name__

        @hookimpl
        def register_contract(scope): return Uses(Authenticator, "authenticator", version=">=1,<2")
        @hookimpl
        def register_routes(scope): return used
        """,
    )
    assert ask(project, "/shop__cart").text == "Headers"


#: A route that returns the request data.
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
    ("headers", "expected"),
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
def test_request_data_contains_the_values_of_the_headers(project: Project, headers: dict[str, str], expected: list[object]) -> None:
    project.install("shop-cart", SHOWS)
    assert ask(project, "/shop__cart", **headers).json() == [*expected, None, "/shop__cart"]


@pytest.mark.parametrize(
    "headers",
    [{"X_Broadcast": "no"}, {"X_Broadcast": ""}, {"X_Project": "x" * 201}, {"X_Project": "a\tb"}, {"X_Project": "a\x7fb"}],
)
def test_an_invalid_header_is_a_problem(project: Project, headers: dict[str, str]) -> None:
    project.install("shop-cart", SHOWS)
    answer = ask(project, "/shop__cart", **headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_request_data_contains_the_user(project: Project) -> None:
    project.install("zoo-users", AUTHENTICATOR)
    project.install("shop-cart", SHOWS)
    responses = [ask(project, "/shop__cart", **headers) for headers in ({}, {"X_User": "ada"}, {"X_User": "forged"})]
    assert [responses[0].json()[2], responses[1].json()[2], responses[2].status_code] == [None, "ada", 401]


def test_request_data_contains_no_user_if_the_authenticator_failed(project: Project) -> None:
    project.configure(ISOLATE)
    project.install("zoo-users", BROKEN)
    project.install("shop-cart", SHOWS)
    assert ask(project, "/shop__cart", X_User="ada").json()[2] is None


def test_the_headers_are_read_only_for_routes_that_take_request_data(project: Project) -> None:
    project.install("shop-cart", SHOWS)
    assert ask(project, "/shop__cart/plain", X_Broadcast="no").text == "plain"


def test_request_data_is_neither_in_openapi_nor_in_the_generated_file(project: Project) -> None:
    project.install("shop-cart", SHOWS)
    assert ask(project, "/schema/openapi.json").json()["paths"]["/shop__cart"]["get"].get("parameters", []) == []
    outcome = project.host("generate-config", "--stdout")
    assert outcome.code == 0, outcome.stderr
    assert not {"X-Broadcast", "xProject", "requestData", "request_data"} & set(outcome.stdout.replace('"', " ").split())
