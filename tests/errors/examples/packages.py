"""Examples of packages that do not fit together."""

from __future__ import annotations

from tests.errors.examples.shape import Example, Section, both, configure, install

SECTIONS = (
    Section(
        "invalid-key",
        "The name of an entry point in the group `host.plugins` is not a plugin key.",
        "Rename the entry point in the plugin's `pyproject.toml` and install the plugin again.",
        (Example("A key without an author", install("shop-cart", key="cart"), says=("plugin        cart", "author__name")),),
    ),
    Section(
        "duplicate-plugin",
        "Two installed distributions advertise the same key. Neither is loaded, since the host cannot know which of them you want.",
        "Uninstall one of them, or disable it by the name of its distribution.",
        (
            Example(
                "Two distributions, one key",
                both(install("shop-cart", key="shop__cart"), install("other-cart", key="shop__cart", version="2.1.0")),
                says=("other-cart 2.1.0 and shop-cart 1.0.0", "pip uninstall"),
            ),
        ),
    ),
    Section(
        "missing-dependency",
        "A requirement of a plugin's distribution (`Requires-Dist`) is not installed, is installed in another version, or is "
        "installed but its plugins are not enabled.",
        "Install or enable the requirement, or disable the plugin.",
        (
            Example("Not installed", install("shop-cart", requires=["shop-stock>=1.2"]), says=("shop-stock>=1.2", "not installed")),
            Example(
                "Installed in another version",
                both(install("shop-stock"), install("shop-cart", requires=["shop-stock>=1.2"])),
                says=("shop-stock>=1.2", "shop-stock 1.0.0 is installed"),
            ),
            Example(
                "Installed and disabled",
                both(
                    install("shop-stock"),
                    install("shop-cart", requires=["shop-stock"]),
                    configure('[plugins]\ndisabled = ["shop__stock"]\n'),
                ),
                says=("requires shop-stock, which is installed but not enabled",),
            ),
        ),
    ),
    Section(
        "host-version",
        "The plugin's distribution requires another version of `litestar-host`.",
        "Install a version of the plugin that accepts this host, or another version of the host.",
        (
            Example(
                "A plugin for a host to come",
                install("shop-cart", requires=["litestar-host>=99"]),
                says=("shop-cart requires litestar-host>=99",),
            ),
        ),
    ),
    Section(
        "dependency-cycle",
        "Plugins depend on each other in a circle, by requirements, contracts or `plugins.order`. Circles are detected before "
        "any of the plugins is imported, except circles through contracts, which are known only after the import.",
        "Break the circle at one of its arrows.",
        (
            Example(
                "A ring of requirements",
                both(
                    install("shop-cart", requires=["shop-mail"]),
                    install("shop-mail", requires=["shop-stock"]),
                    install("shop-stock", requires=["shop-cart"]),
                ),
                says=("shop__cart -> shop__mail -> shop__stock -> shop__cart",),
            ),
            Example(
                "A rule of order against a requirement",
                both(
                    install("shop-stock"),
                    install("shop-cart", requires=["shop-stock"]),
                    configure('[plugins]\norder = ["shop__cart before shop__stock"]\n'),
                ),
                says=("shop__cart -> shop__stock -> shop__cart",),
            ),
        ),
    ),
    Section(
        "dependency-failed",
        "The plugin failed because a plugin it depends on failed. The chain leads from this plugin to the one that failed first.",
        "Fix the last plugin of the chain.",
        (
            Example(
                "A chain of three",
                both(
                    install("shop-stock", "import no_such_module"),
                    install("shop-cart", requires=["shop-stock"]),
                    install("shop-mail", requires=["shop-cart"]),
                ),
                says=("needs shop__cart which needs shop__stock, which failed", "error[import-failed]"),
            ),
        ),
    ),
    Section(
        "boot-failed",
        "Not an error of its own: all failures of one start are reported together, one block each, and the last line counts "
        "them. The exit code is the highest of theirs.",
        'Fix them all; or set `on_failure = "isolate"`, for all plugins or in the table of one plugin: the other plugins are '
        "served then, requests under the prefix of a failed plugin get a 503 that names it, and the log has the errors.",
        (
            Example(
                "Three failures at once",
                both(
                    install("shop-stock", "import no_such_module"),
                    install("shop-cart", "@hookimpl\ndef register_rutes(scope):\n    return []\n"),
                    install("shop-mail", requires=["litestar-host>=99"]),
                ),
                says=("error[import-failed]", "error[hook-signature]", "error[host-version]", "3 failures at start"),
                shows=False,
            ),
        ),
    ),
)
