"""Examples of plugins that cannot be loaded, and of hooks that fail."""

from __future__ import annotations

from tests.errors.examples.shape import Example, Section, both, configure, install

HOOK = "@hookimpl\n"

SECTIONS = (
    Section(
        "import-failed",
        "The module that the entry point names cannot be imported, or has no such object. Each plugin is imported on its own, "
        "so the failure of one does not affect the others; `sys.exit` in a module is a failure of that plugin as well.",
        "Fix the module; `--traceback` shows the line. Until then, `host plugins disable` works, since it imports nothing.",
        (
            Example(
                "A module is missing", install("shop-cart", "import no_such_module"), says=("ModuleNotFoundError: No module named",)
            ),
            Example(
                "A syntax error",
                install("shop-cart", "def add(item:\n    return item\n"),
                says=("SyntaxError:", "shop_cart.py, line 1"),
            ),
            Example("The module ends the process", install("shop-cart", "import sys\n\nsys.exit(7)\n"), says=("SystemExit: 7",)),
            Example(
                "No such object", install("shop-cart", target="shop_cart:plugin"), says=("shop_cart:plugin cannot be imported",)
            ),
        ),
    ),
    Section(
        "hook-signature",
        "A function is marked as a hook that does not exist, has an argument that the host does not pass, is `async` although "
        "the hook must not be, is a wrapper or sets its own order, or is named like a hook but lacks `@hookimpl`.",
        "Write the hook according to its specification in `hookspecs`.",
        (
            Example(
                "A misspelt hook",
                install("shop-cart", HOOK + "def register_rutes(scope):\n    return []\n"),
                says=("hook          register_rutes", "did you mean 'register_routes'?"),
            ),
            Example(
                "A wrong argument",
                install("shop-cart", HOOK + "def register_routes(app):\n    return []\n"),
                says=("remove app; this hook accepts only scope",),
            ),
            Example(
                "An async function",
                install("shop-cart", HOOK + "async def register_routes(scope):\n    return []\n"),
                says=("register_routes must not be async", "configure, on_ready, on_shutdown, on_startup"),
            ),
            Example(
                "An order of its own",
                install("shop-cart", "@hookimpl(tryfirst=True)\ndef register_routes(scope):\n    return []\n"),
                says=("marked tryfirst",),
            ),
            Example(
                "No marker", install("shop-cart", "def register_routes(scope):\n    return []\n"), says=("put @hookimpl above it",)
            ),
        ),
    ),
    Section(
        "hook-not-allowed",
        "`[hooks.<name>] allow` in the settings names the plugins that may implement a hook, and another plugin implements "
        "it. None of the hooks of that plugin was called.",
        "Add its key or its distribution to the list; that includes its children, such as `author__name.child`.",
        (
            Example(
                "A middleware where only another plugin may have one",
                both(
                    install("acme-security"),
                    install("shop-cart", HOOK + "def register_middleware(scope):\n    return []\n"),
                    configure('[hooks.register_middleware]\nallow = ["acme__security"]\n'),
                ),
                says=("hook          register_middleware", "host.toml, line 2", "add shop__cart to allow"),
            ),
        ),
    ),
    Section(
        "hook-raised",
        "A hook raised an exception. The error names the plugin, the hook and the exception; `--traceback` shows where it was "
        "raised.",
        "Fix the plugin.",
        (
            Example(
                "While registering",
                install("shop-cart", HOOK + 'def register_channels(scope):\n    raise KeyError("warehouse")\n'),
                says=("hook          register_channels", "KeyError: 'warehouse'"),
            ),
            Example(
                "While starting",
                install("shop-cart", HOOK + 'async def on_startup(scope):\n    raise ConnectionError("no warehouse")\n'),
                "host run --port 0",
                says=("hook          on_startup", "ConnectionError: no warehouse"),
            ),
        ),
    ),
    Section(
        "hook-timeout",
        "An async hook, or the factory of a service, did not finish within `plugins.timeout` seconds.",
        "Find out what it waits for; or set a higher limit, 0 for none. Only code that awaits can be interrupted: a function "
        "that blocks the event loop also blocks the start.",
        (
            Example(
                "A hook that exceeds its time limit",
                both(
                    install(
                        "shop-cart", "import asyncio\n\n@hookimpl\nasync def configure(scope):\n    await asyncio.Event().wait()\n"
                    ),
                    configure("[plugins]\ntimeout = 0.2\n"),
                ),
                says=("hook          configure", "within 0.2 s"),
            ),
        ),
    ),
    Section(
        "hook-result",
        "A hook returned a value that its specification does not allow.",
        "Return what the error names. The value classes of `hookspecs` validate themselves, so most mistakes in them are "
        "reported as `hook-raised`, at the line of the plugin.",
        (
            Example(
                "A path instead of a handler",
                install("shop-cart", HOOK + 'def register_routes(scope):\n    return ["/cart"]\n'),
                says=("'/cart' of type str",),
            ),
            Example(
                "A handler that Litestar does not accept",
                install(
                    "shop-cart",
                    """
                    from litestar import get

                    @get("/item")
                    async def items(): ...

                    @hookimpl
                    def register_routes(scope):
                        return items
                    """,
                ),
                says=("Litestar does not accept", "should be type annotated"),
            ),
            Example(
                "A name that Litestar takes itself",
                install("shop-cart", HOOK + 'def register_services(scope):\n    return {"request": 1}\n'),
                says=("'request' is reserved",),
            ),
        ),
    ),
    Section(
        "too-early",
        "A plugin asked its scope for something that does not exist yet.",
        "Ask for it in a later hook; the error names the first hook in which it exists.",
        (
            Example(
                "A service before the start",
                install(
                    "shop-cart",
                    """
                    @hookimpl
                    def register_services(scope):
                        return {"stock": Service(dict)}

                    @hookimpl
                    def app_built(scope, app):
                        scope.services["stock"]
                    """,
                ),
                says=("the service 'stock' is available from on_startup on",),
            ),
        ),
    ),
)
