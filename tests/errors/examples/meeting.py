"""Examples of plugins that work together: conflicts, contracts, services, payloads, the generated file."""

from __future__ import annotations

from tests.distributions import Project
from tests.errors.examples.shape import Example, Section, both, configure, install

PORT = """
    from typing import Protocol

    class Stock(Protocol): ...
"""

PROVIDES = """
    from shop_port import Stock

    @hookimpl
    def register_contract(scope):
        return Contract(Stock, object(), version="{version}")
"""

USES = """
    from shop_port import Stock

    @hookimpl
    def register_contract(scope):
        return Uses(Stock, "stock"{more})
"""

port = install("shop-port", PORT, plugins={})


def write_then_install_more(project: Project) -> None:
    """Generate the file, and then install one more plugin."""
    route = """
        from litestar import get

        @get("/item")
        async def items() -> list[str]:
            return []

        @hookimpl
        def register_routes(scope):
            return items
    """
    project.install("shop-cart", route)
    project.host("generate-config")
    project.install("shop-stock", route)


SECTIONS = (
    Section(
        "conflict",
        "Two plugins register the same thing: a path with a method, a prefix, a model, a collection, a channel, a contract, a "
        "payload handler, an operation, or a name in handlers. Conflicts are detected before Litestar or MongoDB would fail "
        "over them. The plugin that comes later in the load order fails.",
        "Change one of the two, or disable one of the plugins.",
        (
            Example(
                "Two handlers on one path; the names of parameters make no difference",
                install(
                    "shop-cart",
                    """
                    from litestar import get

                    @get("/item/{number:int}")
                    async def by_number(number: int) -> None: ...

                    @get("/item/{index:int}")
                    async def by_index(index: int) -> None: ...

                    @hookimpl
                    def register_routes(scope):
                        return [by_number, by_index]
                    """,
                ),
                says=("(by_number)", "(by_index)", "both in shop__cart (shop-cart 1.0.0)"),
            ),
            Example(
                "One prefix inside another",
                both(
                    install("shop-cart"),
                    install("shop-mail"),
                    configure('[plugins]\nshop__cart.prefix = "/shop"\nshop__mail.prefix = "/shop/mail"\n'),
                ),
                says=("shop__cart (shop-cart 1.0.0)", "shop__mail (shop-mail 1.0.0)", "overlap"),
            ),
            Example(
                "Two providers of one contract",
                both(
                    port,
                    install("shop-stock", PROVIDES.format(version="1.0")),
                    install("shop-store", PROVIDES.format(version="2.0")),
                ),
                says=("shop__stock (shop-stock 1.0.0)", "shop__store (shop-store 1.0.0)"),
            ),
            Example(
                "One model in two plugins",
                both(
                    install("shop-port", "from beanie import Document\n\nclass Item(Document):\n    title: str\n", plugins={}),
                    install("shop-cart", "from shop_port import Item\n\n@hookimpl\ndef register_models(scope):\n    return Item\n"),
                    install(
                        "shop-stock", "from shop_port import Item\n\n@hookimpl\ndef register_models(scope):\n    return Item\n"
                    ),
                ),
                says=("two registrations of the model shop_port.Item", "shop__cart", "shop__stock"),
            ),
            Example(
                "Two routes with one operation name",
                install(
                    "shop-cart",
                    """
                    from litestar import get

                    @get("/item/{number:int}", opt=operation(name="fetch"))
                    async def one(number: int) -> None: ...

                    @get("/item", opt=operation(name="fetch"))
                    async def several() -> None: ...

                    @hookimpl
                    def register_routes(scope):
                        return [one, several]
                    """,
                ),
                says=("fetch",),
            ),
        ),
    ),
    Section(
        "contract",
        "A plugin uses a contract that no enabled plugin provides, or not in that version; asks for a contract that it did "
        "not declare; or provides one that does not match its protocol. The same holds for extension points. A plugin with "
        "guards or rules for users needs the contract `Authenticator`.",
        "Install or upgrade the provider, or use `optional=True` and handle `None`. For a mismatch, the error shows the "
        "signature to write.",
        (
            Example(
                "A contract without a provider",
                both(port, install("shop-cart", USES.format(more=""))),
                says=("no enabled plugin provides it",),
            ),
            Example(
                "Not in that version",
                both(
                    port,
                    install("shop-stock", PROVIDES.format(version="1.4")),
                    install("shop-cart", USES.format(more=', version=">=2"')),
                ),
                says=("shop__cart requires Stock >=2, but shop__stock provides 1.4",),
            ),
            Example(
                "A method that does not fit",
                both(
                    install(
                        "shop-port",
                        """
                        from typing import Protocol

                        class Stock(Protocol):
                            async def take(self, item: str, amount: int = 1) -> int: ...
                        """,
                        plugins={},
                    ),
                    install(
                        "shop-stock",
                        """
                        from shop_port import Stock

                        class Shelf:
                            async def take(self, item): ...

                        @hookimpl
                        def register_contract(scope):
                            return Contract(Stock, Shelf(), version="1.4")
                        """,
                    ),
                    install("shop-cart", USES.format(more="")),
                ),
                says=("shop__stock provides Stock 1.4, used by shop__cart", "Shelf.take lacks amount"),
            ),
            Example(
                "A route that needs a user, and no authenticator",
                install(
                    "shop-cart",
                    """
                    from litestar import get

                    @get("/mine", guards=[authenticated])
                    async def mine() -> list[str]:
                        return []

                    @hookimpl
                    def register_routes(scope):
                        return mine
                    """,
                ),
                says=("no enabled plugin provides the contract Authenticator",),
            ),
        ),
    ),
    Section(
        "service",
        "A service could not be created or closed, or the plugin has no service of that name.",
        "See the cause. Services of other plugins are shared through a contract.",
        (
            Example(
                "A factory that raises",
                install(
                    "shop-cart",
                    """
                    def connect(scope):
                        raise OSError("the warehouse is closed")

                    @hookimpl
                    def register_services(scope):
                        return {"stock": Service(connect)}
                    """,
                ),
                "host run --port 0",
                says=("the factory of the service 'stock' raised OSError", "the warehouse is closed"),
            ),
            Example(
                "A service of another plugin",
                both(
                    install("shop-stock", '@hookimpl\ndef register_services(scope):\n    return {"stock": {}}\n'),
                    install("shop-cart", '@hookimpl\ndef on_startup(scope):\n    scope.services["stock"]\n'),
                ),
                "host run --port 0",
                says=("shop__stock has one", "register_contract"),
            ),
        ),
    ),
    Section(
        "payload",
        "Documents cannot be turned into a payload: no payload handler is registered for their class, or the handler raised. "
        "In a request the client gets a 500 with a request id, and the log has the error under that id.",
        "Register a `PayloadHandler` for the class, or fix it.",
        (
            Example(
                "No handler for the class",
                install(
                    "shop-cart",
                    """
                    from pydantic import BaseModel

                    class Item(BaseModel):
                        title: str

                    @hookimpl
                    async def on_ready(scope):
                        await scope.payload([Item(title="Cup")], action="dataRead")
                    """,
                ),
                "host run --port 0",
                says=("no payload handler is registered for Item", "hook          on_ready"),
            ),
        ),
    ),
    Section(
        "frontend",
        "Something of a plugin cannot be expressed in `generated-config.ts`: an entity or a channel that does not exist, or a "
        "type without an equivalent in TypeScript.",
        "Correct what the error names.",
        (
            Example(
                "A channel that is not declared",
                install(
                    "shop-cart",
                    """
                    from litestar import post

                    @post("/item", opt=operation("dataCreate", broadcast=["itemMade"]))
                    async def create() -> None: ...

                    @hookimpl
                    def register_channels(scope):
                        return Channel("itemCreated", str)

                    @hookimpl
                    def register_routes(scope):
                        return create
                    """,
                ),
                says=("itemMade", "itemCreated"),
            ),
        ),
    ),
    Section(
        "stale-config",
        "`host generate-config --check` found that the file is not what the installed plugins produce. Nothing is written.",
        "Run `host generate-config` and review the changes.",
        (
            Example(
                "A plugin was installed since",
                write_then_install_more,
                "host generate-config --check",
                1,
                ("drifted: shop__stock",),
                shows=False,
            ),
            Example("The generated file is missing", install("shop-cart"), "host generate-config --check", 1, ("is missing",)),
        ),
    ),
)
