"""Examples of ports, directories and databases that cannot be used."""

from __future__ import annotations

import socket

from tests.distributions import Project
from tests.errors.examples.shape import Example, Section, both, configure, install

MODEL = """
    from beanie import Document

    class Item(Document):
        title: str

    @hookimpl
    def register_models(scope):
        return Item
"""


def take_port(project: Project) -> None:
    """Listen on a port, and let the command ask for the same."""
    listener = project.cleanup.enter_context(socket.socket())
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    project.replaced["8000"] = str(listener.getsockname()[1])


def block_state(project: Project) -> None:
    """Put a file where the host keeps its database."""
    (project.directory / ".host").write_text("not a directory\n")


SECTIONS = (
    Section(
        "port-in-use",
        "Another process listens on the address. Nothing was started.",
        "Stop the other process, or choose another port with `--port`; `--port 0` takes any free port.",
        (
            Example(
                "The port is taken",
                both(install("shop-cart"), take_port),
                "host run --port 8000",
                2,
                ("another process listens on http://127.0.0.1:8000",),
                shows=False,
            ),
        ),
    ),
    Section(
        "embedded-database",
        "The embedded MongoDB cannot be started: there is no binary for this platform, or its directory `.host` cannot be written.",
        "Do what the error says; or set `database.url` to another MongoDB. Plugins without models need no database.",
        (
            Example(
                "The data directory cannot be written",
                both(install("shop-cart", MODEL), block_state),
                "host run --port 0",
                4,
                (".host",),
                shows=False,
            ),
            Example(
                "No such binary",
                both(install("shop-cart", MODEL), configure('[database]\nmongod = "/opt/no/such/mongod"\n')),
                "host run --port 0",
                4,
                ("/opt/no/such/mongod",),
            ),
        ),
    ),
    Section(
        "database-unreachable",
        "The MongoDB at `database.url` does not answer within `database.timeout` seconds, or rejects the user. A password in "
        "the URL is not shown.",
        "Start the server, or correct the URL.",
        (
            Example(
                "No server on that port",
                both(
                    install("shop-cart", MODEL),
                    configure('[database]\nurl = "mongodb://ada:hunter2@127.0.0.1:1/"\ntimeout = 1.0\n'),
                ),
                "host run --port 0",
                4,
                ("mongodb://ada:***@127.0.0.1:1/",),
            ),
        ),
    ),
    Section(
        "channels-unreachable",
        "The Redis at `channels.url` does not answer within `channels.timeout` seconds. It carries messages between "
        "processes; a single process needs none.",
        "Start the server, correct the URL, or leave it empty.",
        (
            Example(
                "No server on that port",
                both(
                    install(
                        "shop-cart",
                        """
                        @hookimpl
                        def register_channels(scope):
                            return Channel("itemSold", str)
                        """,
                    ),
                    configure('[channels]\nurl = "redis://ada:hunter2@127.0.0.1:1/"\ntimeout = 0.5\n'),
                ),
                "host run --port 0",
                4,
                ("redis://ada:***@127.0.0.1:1/",),
            ),
        ),
    ),
    Section(
        "model",
        "The database answers, but rejects a model of a plugin: one of its indexes cannot be created, or conflicts with the "
        "data. All models are opened together, so this ends the start whatever the policy is.",
        "Correct the class. Data or indexes that conflict with it must be dropped by hand; the host never drops anything.",
        (
            Example(
                "An index that MongoDB refuses",
                install(
                    "shop-cart",
                    """
                    from beanie import Document
                    from pymongo import IndexModel

                    class Item(Document):
                        title: str

                        class Settings:
                            indexes = [IndexModel("title", expireAfterSeconds=-7)]

                    @hookimpl
                    def register_models(scope):
                        return Item
                    """,
                ),
                "host run --port 0",
                says=("the model Item cannot be opened", "hook          register_models", "the collection shop__cart-item"),
            ),
        ),
    ),
    Section(
        "configuration",
        "The host is asked for something that is impossible here, such as listening on an address that this machine does not "
        "have, or writing `generated-config.ts` into a directory that does not exist.",
        "Do what the error says.",
        (
            Example(
                "An address of another machine",
                install("shop-cart"),
                "host run --host 192.0.2.1 --port 8000",
                2,
                ("http://192.0.2.1:8000 cannot be bound",),
                shows=False,
            ),
            Example(
                "The generated file cannot be written",
                both(install("shop-cart"), configure('[frontend]\noutput = "types/generated-config.ts"\n')),
                "host generate-config",
                2,
                ("types/generated-config.ts cannot be written: No such file or directory",),
            ),
        ),
    ),
)
