"""Payloads made from documents: rows, the envelope, and the errors of handlers."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

import msgspec
import pytest

from hookspecs import Page, Payload, StoreAction
from host.common.errors import PayloadError
from tests.distributions import Project
from tests.host.running import boot

SOURCE = """
    from datetime import UTC, datetime
    from typing import Any
    from pydantic import BaseModel, ConfigDict
    from pydantic.alias_generators import to_camel

    class Item(BaseModel):
        model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
        id: str = "1"
        tags: Any = ["red"]
        made_at: datetime = datetime(2026, 1, 2, tzinfo=UTC)
        owner: str | None = None

    class Special(Item):
        size: int = 3

    class Other(BaseModel):
        id: str = "9"

    def failing(item):
        raise KeyError("gone")

    @hookimpl
    def register_payload(scope):
        return [PayloadHandler(Item, HANDLER)MORE]
"""
PLAIN = "display_name=lambda item: f'Item {item.id}', completion=lambda item: 'of iron'"


class Shop:
    """A registered plugin with a class ``Item``, one ``Special`` of it, and one without a handler.

    Args:
        project: the project that gets the plugin.
        handler: the arguments of the handler of ``Item``.
        more: further handlers, each after a comma.
        hooks: further source.
    """

    def __init__(self, project: Project, handler: str = PLAIN, *, more: str = "", hooks: str = "") -> None:
        project.install("shop-cart", SOURCE.replace("HANDLER", handler).replace("MORE", more) + hooks)
        registered = boot(project)
        registered.assemble()
        self._scope = registered.contributions[0].scope
        module = importlib.import_module("shop_cart")
        self.item, self.special, self.other = module.Item, module.Special, module.Other

    def payload(self, documents: Any, **more: Any) -> Payload[Any]:
        """Wrap documents in a payload."""
        return asyncio.run(self._scope.payload(documents, **more))

    def row(self, **more: Any) -> dict[str, Any]:
        """Return the row of an item."""
        (row,) = self.payload([self.item()], **more).body.items
        return row

    def refusal(self, documents: Any, **more: Any) -> str:
        """Return the error for documents that cannot be wrapped."""
        with pytest.raises(PayloadError) as caught:
            self.payload(documents, **more)
        assert caught.value.plugin == "shop__cart"
        return f"{caught.value.message}; {caught.value.fix}"


def test_a_row_is_the_document_on_the_wire_with_the_values_of_the_handler(project: Project) -> None:
    assert Shop(project).row() == {
        "id": "1",
        "tags": ["red"],
        "madeAt": "2026-01-02T00:00:00Z",
        "owner": None,
        "_displayName": "Item 1",
        "_completion": "of iron",
        "_tags": ["red"],
    }


def test_the_envelope_has_only_the_members_of_its_action(project: Project) -> None:
    shop = Shop(project)
    listed = shop.payload([], model=shop.item, page=Page(total=0))
    assert msgspec.to_builtins(listed) == {
        "type": "item",
        "action": "dataRead",
        "body": {"items": [], "page": {"total": 0, "next": None}},
    }
    changed = msgspec.to_builtins(shop.payload([shop.item()], action=StoreAction.UPDATE, prev_version=shop.item(id="0")))
    assert (changed["action"], changed["body"]["prevVersion"]["_displayName"]) == ("dataUpdate", "Item 0")
    assert sorted(changed["body"]) == ["items", "prevVersion"]


@pytest.mark.parametrize("kind", ["ids", "documents"])
def test_of_deleted_documents_only_the_ids_are_sent(project: Project, kind: str) -> None:
    shop = Shop(project)
    deleted = ["1", "2"] if kind == "ids" else [shop.item(id="1"), shop.item(id="2")]
    payload = shop.payload([], model=shop.item, action="dataDelete", deleted=deleted)
    assert msgspec.to_builtins(payload.body) == {"items": [], "deleted": ["1", "2"]}


def test_deleted_documents_determine_the_model_of_an_otherwise_empty_payload(project: Project) -> None:
    shop = Shop(project)
    assert shop.payload([], deleted=[shop.item()]).type == "item"


def test_an_empty_payload_needs_its_model(project: Project) -> None:
    shop = Shop(project)
    assert "an empty payload needs a model; pass model=" in shop.refusal([], deleted=["1"])


def test_the_error_for_a_class_without_a_handler_names_those_with_one(project: Project) -> None:
    shop = Shop(project)
    assert "no payload handler is registered for Other; classes with a handler: Item" in shop.refusal([shop.other()])


def test_a_subclass_uses_the_handler_of_its_nearest_base(project: Project) -> None:
    shop = Shop(project)
    payload = shop.payload([shop.special()])
    assert (payload.type, payload.body.items[0]["size"]) == ("item", 3)


def test_a_subclass_with_its_own_handler_uses_that(project: Project) -> None:
    shop = Shop(project, more=", PayloadHandler(Special, lambda item: 'special', str)")
    payload = shop.payload([shop.special()])
    assert (payload.type, payload.body.items[0]["_displayName"]) == ("special", "special")


def test_documents_of_a_base_and_a_subclass_share_a_payload_if_the_base_is_named(project: Project) -> None:
    shop = Shop(project, more=", PayloadHandler(Special, lambda item: 'special', str)")
    both = [shop.special(), shop.item()]
    assert "there is a Item among documents of Special" in shop.refusal(both)
    assert [row["_displayName"] for row in shop.payload(both, model=shop.item).body.items] == ["Item 1", "Item 1"]


@pytest.mark.parametrize(
    ("documents", "message"), [([None], "None of type NoneType is not a document"), (["1"], "is not a document")]
)
def test_a_value_that_is_not_a_document_is_refused(project: Project, documents: list[Any], message: str) -> None:
    assert message in Shop(project).refusal(documents)


def test_a_document_without_a_list_around_it_is_refused(project: Project) -> None:
    shop = Shop(project)
    assert "pass [document]" in shop.refusal(shop.item())


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        ("lambda item: None, str", "display_name of the payload handler of Item returned None of type NoneType"),
        ("str, lambda item: 3", "completion of the payload handler of Item returned 3 of type int"),
        ("failing, str", "display_name of the payload handler of Item raised KeyError"),
        ("str, failing", "completion of the payload handler of Item raised KeyError"),
        ("str, str, lambda item, request: 3", "fields of the payload handler of Item returned 3 of type int"),
        ("str, str, lambda item: {}", "fields of the payload handler of Item raised TypeError"),
        ("str, str, lambda item, request: {'id': '7'}", "fields of the payload handler of Item returned id"),
        ("str, str, lambda item, request: {'_tags': []}", "fields of the payload handler of Item returned _tags"),
        (
            "str, str, lambda item, request: {'size': object()}",
            "fields of the payload handler of Item returned a value that is not JSON-serializable",
        ),
        ("str, str, lambda item, request: {'tags': 3}", "tags of Item are not a list of strings, but 3 of type int"),
    ],
)
def test_a_handler_that_returns_something_invalid_is_named(project: Project, handler: str, message: str) -> None:
    shop = Shop(project, handler)
    assert message in shop.refusal([shop.item()])


def test_fields_add_to_a_row_and_replace_values_of_the_document(project: Project) -> None:
    handler = f"{PLAIN}, fields=lambda item, request: {{'owner': 'NONE', 'project': 'p', 'tags': ['blue'], 'on': item.made_at}}"
    row = Shop(project, handler).row()
    assert {name: row[name] for name in ("owner", "project", "tags", "_tags", "on")} == {
        "owner": "NONE",
        "project": "p",
        "tags": ["blue"],
        "_tags": ["blue"],
        "on": "2026-01-02T00:00:00Z",
    }


def test_fields_get_the_request_data(project: Project) -> None:
    request_data = importlib.import_module("hookspecs").RequestData(project="garden")
    shop = Shop(project, f"{PLAIN}, fields=lambda item, request: {{'project': request.project}}")
    assert shop.row(request=request_data)["project"] == "garden"


def test_tags_that_are_not_strings_are_refused_unless_the_handler_replaces_them(project: Project) -> None:
    shop = Shop(project)
    assert "return tags from the handler's fields" in shop.refusal([shop.item(tags={"a": 1})])
    assert shop.payload([shop.item(tags=None)]).body.items[0]["_tags"] == []


def test_an_action_that_does_not_exist_is_refused(project: Project) -> None:
    shop = Shop(project)
    assert "unknown store action 'dataPush'; there are dataRead, dataCreate" in shop.refusal([shop.item()], action="dataPush")


RULES = """
    @hookimpl
    def register_rules(scope):
        return Rules(model=Item, read=READ)
    @hookimpl
    def register_contract(scope):
        from hookspecs import Authenticator
        class Users:
            async def authenticate(self, connection): return None
        return Contract(Authenticator, Users(), "1.0")
"""


def test_without_rules_a_payload_is_for_all_subscribers(project: Project) -> None:
    shop = Shop(project)
    assert shop.payload([shop.item(owner="ann")]).audience is None


@pytest.mark.parametrize(
    ("owners", "users"),
    [(["ann"], {"ann"}), (["ann", "ann"], {"ann"}), (["ann", "ben"], set()), (["ann", None], set()), ([], set())],
)
def test_a_payload_is_for_the_owner_of_all_its_documents(project: Project, owners: list[str | None], users: set[str]) -> None:
    shop = Shop(project, hooks=RULES.replace("READ", "owner | role('admin')"))
    audience = shop.payload([shop.item(owner=document_owner) for document_owner in owners], model=shop.item).audience
    assert audience is not None
    assert (audience.users, audience.roles, audience.anyone) == (users, {"admin"}, False)


def test_after_an_update_only_the_new_owner_gets_the_message(project: Project) -> None:
    shop = Shop(project, hooks=RULES.replace("READ", "owner"))
    payload = shop.payload([shop.item(owner="ben")], prev_version=shop.item(owner="ann"))
    assert payload.audience is not None
    assert payload.audience.users == {"ben"}
    assert payload.body.prev_version is None, "what was Ann's is not for Ben"
    assert shop.payload([shop.item(owner="ben")], prev_version=shop.item(owner="ben")).body.prev_version is not None


def test_a_deleted_document_is_for_its_owner_and_an_id_alone_for_no_one(project: Project) -> None:
    shop = Shop(project, hooks=RULES.replace("READ", "owner"))
    document = shop.payload([], deleted=[shop.item(owner="ann")]).audience
    with_id = shop.payload([], model=shop.item, deleted=[shop.item(owner="ann"), "2"]).audience
    assert document is not None
    assert with_id is not None
    assert (document.users, with_id.users) == ({"ann"}, set())


def test_the_rules_of_a_base_apply_to_a_subclass(project: Project) -> None:
    shop = Shop(project, hooks=RULES.replace("READ", "owner"))
    audience = shop.payload([shop.special(owner="ann")]).audience
    assert audience is not None
    assert audience.users == {"ann"}


def test_documents_under_different_rules_do_not_share_a_payload(project: Project) -> None:
    shop = Shop(project, hooks=RULES.replace("Rules(model=Item, read=READ)", "Rules(model=Special, read=owner)"))
    assert "documents of Item, Special have different rules" in shop.refusal([shop.item(), shop.special()])


def test_the_audience_is_not_sent(project: Project) -> None:
    shop = Shop(project, hooks=RULES.replace("READ", "owner"))
    assert b"audience" not in msgspec.json.encode(shop.payload([shop.item(owner="ann")]))
