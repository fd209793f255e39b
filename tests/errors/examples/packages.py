"""Examples of packages that do not fit together."""

from __future__ import annotations

from tests.errors.examples.shape import Example, Section, both, configure, install

SECTIONS = (
    Section(
        "invalid-key",
        "The name of an entry point in the group `host.plugins` is not a plugin key.",
        "Rename the entry point in the plugin's `pyproject.toml`, and install the plugin again.",
        (Example("A key without an author", install("shop-cart", key="cart"), says=("plugin        cart", "author__name")),),
    ),
    Section(
        "duplicate-plugin",
        "Two installed distributions advertise one key. Neither is loaded: which one would win is nobody's guess.",
        "Uninstall one, or leave one out by the name of its distribution.",
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
        "What a plugin's distribution requires (`Requires-Dist`) is not installed, is installed in another version, or is there "
        "but its plugins are not enabled.",
        "Install or enable it, or disable the plugin that needs it.",
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
                says=("requires shop-stock, whose plugins are not enabled",),
            ),
        ),
    ),
    Section(
        "host-version",
        "The plugin's distribution requires a range of versions of `litestar-host` in which this one is not.",
        "Install a version of the plugin that fits this host, or another host.",
        (
            Example(
                "A plugin for a host to come",
                install("shop-cart", requires=["litestar-host>=99"]),
                says=("shop-cart wants litestar-host>=99",),
            ),
        ),
    ),
    Section(
        "dependency-cycle",
        "Plugins wait for each other, by requirements, contracts or `plugins.order`. Found before any of them is imported, but for "
        "those through a contract, which are known only then.",
        "Break the ring at one of its arrows.",
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
        "Another plugin failed, and this one needs it. The chain leads from this plugin to the one that failed by itself.",
        "Mend the last one of the chain.",
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
        "Not an error of its own: all failures of one start are reported together, each in a block, and the last line counts them. "
        "The exit code is the highest of theirs.",
        'Mend them all; or set `on_failure = "isolate"`, for all plugins or in the table of one: then the others are served, what '
        "the failed ones have under their prefixes answers 503 and names them, and the blocks stand in the log.",
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
