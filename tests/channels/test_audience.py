"""A payload that rules restrict is never sent without its audience: that is an error of the sender."""

from __future__ import annotations

from typing import Any

import pytest

from hookspecs import Audience
from host import Host
from host.common.errors import ChannelError
from tests.channels.test_access import USERS
from tests.conformance.kit import with_new_host
from tests.distributions import Project

#: Tasks are their owner's, notes everybody's.
TODO = """
    import copy
    from dataclasses import dataclass
    import msgspec
    from beanie import Document
    from hookspecs import Rules
    from hookspecs.access import anyone, owner

    class Task(Document):
        title: str
        owner: str | None = None
    class Note(Task): pass

    class Box(msgspec.Struct):
        inside: object
    @dataclass(slots=True)
    class Point:
        inside: object

    @hookimpl
    def register_payload(scope):
        return [PayloadHandler(model, display_name=lambda one: one.title, completion=lambda one: "") for model in (Task, Note)]
    @hookimpl
    def register_rules(scope): return [Rules(model=Task, read=owner), Rules(model=Note, read=anyone)]
    @hookimpl
    def register_channels(scope): return [Channel("made", Payload[Task | Note]), Channel("whatever", object)]
"""


@pytest.fixture(autouse=True)
def _plugins(project: Project) -> None:
    project.install("acme-users", USERS)
    project.install("acme-todo", TODO)


async def made(host: Host, model: str, owner: str = "ann") -> Any:
    """A payload of one document."""
    import acme_todo  # type: ignore[import-not-found]  # installed by the test

    await host.assemble()
    scope: Any = host.plugins["acme__todo"].scope
    return await scope.payload([getattr(acme_todo, model).model_construct(id=None, title="x", owner=owner)])


def audience(host: Host, message: Any, channel: str = "whatever", plugin: str = "acme__todo") -> Audience | None:
    """Whom a message that a plugin sends is for."""
    scope: Any = host.plugins[plugin].scope
    return host.boot.channels.encode(scope, channel, message).audience


def test_the_audience_of_a_payload_may_read_its_documents(project: Project) -> None:
    async def check(host: Host) -> None:
        assert audience(host, await made(host, "Task"), "made") == Audience(users=frozenset({"ann"}))

    with_new_host(project, check)


COPIES = {
    "copied": "copy.copy(payload)",
    "copied deeply": "copy.deepcopy(payload)",
    "changed": "msgspec.structs.replace(payload, action='other')",
    "made by hand": "Payload('task', 'dataRead', payload.body)",
}


@pytest.mark.parametrize("how", COPIES)
def test_a_restricted_payload_without_audience_is_an_error(project: Project, how: str) -> None:
    async def check(host: Host) -> None:
        payload = await made(host, "Task")
        import acme_todo

        copied = eval(COPIES[how], {**vars(acme_todo), "payload": payload})
        with pytest.raises(
            ChannelError, match="a payload of 'task' has no audience, although rules restrict who may see it"
        ) as caught:
            audience(host, copied, "made")
        assert caught.value.plugin == "acme__todo"

    with_new_host(project, check)


INSIDE = {
    "a list": "[payload]",
    "a tuple": "(1, payload)",
    "a dict": "{'a': {'b': payload}}",
    "a struct": "Box([payload])",
    "a dataclass": "Point(payload)",
}


@pytest.mark.parametrize("where", INSIDE)
def test_a_restricted_payload_nested_in_a_message_is_an_error(project: Project, where: str) -> None:
    async def check(host: Host) -> None:
        payload = await made(host, "Task")
        import acme_todo

        message = eval(INSIDE[where], {**vars(acme_todo), "payload": payload})
        with pytest.raises(ChannelError, match="a payload of 'task', which not everybody may see, is nested in another message"):
            audience(host, message)

    with_new_host(project, check)


def test_a_public_payload_may_be_nested_in_a_message(project: Project) -> None:
    async def check(host: Host) -> None:
        assert audience(host, [await made(host, "Note")]) is None

    with_new_host(project, check)


def test_rules_do_not_restrict_other_messages(project: Project) -> None:
    async def check(host: Host) -> None:
        await made(host, "Task")
        shared = {"b": 1}
        assert audience(host, {"a": [shared, shared, "x", None, 1.5]}) is None

    with_new_host(project, check)


def test_rules_of_one_plugin_do_not_restrict_the_same_datatype_of_another(project: Project) -> None:
    project.install(
        "acme-other",
        """
        from beanie import Document

        class Task(Document): pass

        @hookimpl
        def register_payload(scope):
            return PayloadHandler(Task, display_name=lambda one: "x", completion=lambda one: "")
        @hookimpl
        def register_channels(scope): return Channel("made", Payload[Task])
        """,
    )

    async def check(host: Host) -> None:
        await host.assemble()
        import acme_other  # type: ignore[import-not-found]  # installed by the test

        scope: Any = host.plugins["acme__other"].scope
        assert audience(host, await scope.payload([], model=acme_other.Task), "made", "acme__other") is None

    with_new_host(project, check)
