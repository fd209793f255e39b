"""Examples of wrong settings."""

from __future__ import annotations

from pathlib import Path

import host
from tests.distributions import Project
from tests.errors.examples.shape import Example, Section, both, configure, install

LIST = "host plugins list"

OPTIONS = """
    from pydantic import BaseModel

    class Options(BaseModel):
        page_size: int = 20
        api_key: str = ""

    @hookimpl
    def plugin_options():
        return Options
"""


def all_plugins(text: str) -> object:
    """Settings that say themselves which plugins are enabled."""

    def arrange(project: Project) -> None:
        project.only_own = False
        project.configure(text)

    return arrange


def variable(name: str, value: str) -> object:
    """A variable of the environment."""
    return lambda project: project.environ.update({name: value})


def shadow(project: Project) -> None:
    """Put another ``hookspecs`` into a directory of ``PYTHONPATH``, before the one of the host."""
    (project.site.directory / "hookspecs.py").write_text("import pluggy\n\nhookspec = pluggy.HookspecMarker('shop')\n")
    project.replaced["<environment>"] = str(Path(host.__file__).parents[1])


SECTIONS = (
    Section(
        "settings",
        "`host.toml`, `[tool.host]` in `pyproject.toml` or a variable `HOST_…` is malformed, has a key that does not exist, or a "
        "value of another type.",
        "Correct the key in that line. Nothing was started and nothing was written.",
        (
            Example(
                "The file is not valid TOML",
                configure('[plugins]\ndisabled = ["shop__cart"\non_failure = "abort"\n'),
                LIST,
                2,
                ("line 3",),
            ),
            Example(
                "A key that does not exist",
                configure("[plugins]\ndisable = []\n"),
                LIST,
                2,
                ("host.toml, line 2", "plugins.disable", "did you mean 'disabled'?"),
            ),
            Example(
                "A value of the wrong type, in pyproject.toml",
                configure('[project]\nname = "shop"\n\n[tool.host.database]\ntimeout = "long"\n', "pyproject.toml"),
                LIST,
                2,
                ("pyproject.toml, line 5", "database.timeout", "Expected float, got str"),
            ),
            Example(
                "A prefix that belongs to the host",
                both(install("shop-cart"), configure('[plugins.shop__cart]\nprefix = "/health"\n')),
                LIST,
                2,
                ("host.toml, line 2", "plugins.shop__cart.prefix", "choose another prefix"),
            ),
            Example(
                "A rule of order that cannot be read",
                both(install("shop-cart"), configure('[plugins]\norder = ["shop__cart early"]\n')),
                "host plugins check",
                2,
                ("host.toml, line 2", "plugins.order"),
            ),
            Example(
                "A variable that does not exist",
                variable("HOST_DATABASE_URI", "mongodb://localhost"),
                "HOST_DATABASE_URI=mongodb://localhost host plugins list",
                2,
                ("HOST_DATABASE_URI", "did you mean 'HOST_DATABASE_URL'?"),
            ),
            Example(
                "A malformed database URL; passwords are not shown",
                configure('[database]\nurl = "mongo://ada:hunter2@localhost"\n'),
                "host plugins show shop__cart",
                2,
                ("mongo://ada:***@localhost",),
            ),
        ),
    ),
    Section(
        "unknown-plugin",
        "The settings or the command line name a plugin that is not installed. Without the error, a misspelt key would silently "
        "enable, disable or configure nothing.",
        "Correct the name, install the plugin, or remove the name.",
        (
            Example(
                "In `disabled`",
                both(install("shop-cart"), configure('[plugins]\ndisabled = ["shop__crat"]\n')),
                LIST,
                2,
                ("host.toml, line 2", "plugins.disabled", "did you mean 'shop__cart'?"),
            ),
            Example(
                "In `enabled`",
                both(install("shop-cart"), all_plugins('[plugins]\nenabled = ["shop-crat"]\n')),
                LIST,
                2,
                ("host.toml, line 2", "plugins.enabled", "did you mean 'shop-cart'?"),
            ),
            Example(
                "In the name of a table",
                both(install("shop-cart"), configure('[plugins.shop__crat]\nprefix = "/cart"\n')),
                LIST,
                2,
                ("host.toml, line 1", "plugins.shop__crat", "did you mean 'shop__cart'?"),
            ),
            Example(
                "In `order`",
                both(install("shop-cart"), configure('[plugins]\norder = ["shop__cart before shop__crat"]\n')),
                "host plugins check",
                2,
                ("host.toml, line 2", "plugins.order", "did you mean 'shop__cart'?"),
            ),
            Example(
                "On the command line", install("shop-cart"), "host plugins disable shop__crat", 2, ("did you mean 'shop__cart'?",)
            ),
        ),
    ),
    Section(
        "options",
        "The `options` in a plugin's table do not validate against the class that its hook `plugin_options` returns. All "
        "mistakes are reported together; the values are not shown, since they may be secrets.",
        "Correct the options in that line.",
        (
            Example(
                "An unknown option, and one of the wrong type",
                both(
                    install("shop-cart", OPTIONS),
                    configure('[plugins.shop__cart]\noptions = { page_sise = 50, api_key = ["hunter2"] }\n'),
                ),
                exit_code=2,
                says=("host.toml, line 2", "shop-cart 1.0.0", "'page_sise'", "did you mean 'page_size'?", "'api_key'"),
            ),
            Example(
                "A secret that is not in the environment",
                both(install("shop-cart", OPTIONS), configure('[plugins.shop__cart.options]\napi_key = { env = "SHOP_KEY" }\n')),
                exit_code=2,
                says=("host.toml, line 2", "the environment variable SHOP_KEY is not set"),
            ),
            Example(
                "Options for a plugin that takes none",
                both(install("shop-cart"), configure("[plugins.shop__cart]\noptions = { page_size = 50 }\n")),
                exit_code=2,
                says=("host.toml, line 2", "takes no options"),
            ),
        ),
    ),
    Section(
        "shadowed-package",
        "Another package or module called `host` or `hookspecs` comes first on `sys.path`, so Python would import it instead of "
        "the one of litestar-host. It lies in a directory of `PYTHONPATH`, or in the working directory if the command was started "
        "by `python -m host`. A directory of that name without an `__init__.py` does no harm.",
        "Rename it, or take its directory out of `PYTHONPATH`. The scripts `host` and `litestar-host` import nothing from the "
        "working directory. A program that imports `host` gets the same error as an `ImportError`; if its own module is called "
        "`host`, Python imports that one, and no code of litestar-host runs.",
        (
            Example(
                "A module of the project in PYTHONPATH",
                shadow,
                LIST,
                2,
                ("hookspecs.py comes first on sys.path", "out of PYTHONPATH"),
            ),
        ),
    ),
)
