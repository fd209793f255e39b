"""Documents: their collections and common fields, soft deletion, and the schemas of requests and responses (rows R9 to R12)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from host import Host
from host.common.errors import ConflictError
from tests.conformance.kit import error, in_host, models
from tests.distributions import Project
from tests.inprocess import client_of

CORE = """
    from host.data import Document, crud

    class User(Document):
        name: str = "anonymous"

    class Thing(Document):
        size: int = 1

    @hookimpl
    def register_models(): return [User, Thing]

    @hookimpl
    def register_payload():
        return [PayloadHandler(model, lambda document: document.id, lambda document: "") for model in (User, Thing)]

    @hookimpl
    def register_routes(): return [crud(User), crud(Thing)]
"""

SHOP = """
    from beanie import Link
    from host.data import Document, crud
    from acme_core import User

    class Thing(Document):
        title: str
        buyer: Link[User] | None = None

    @hookimpl
    def register_models(): return Thing

    @hookimpl
    def register_payload(): return PayloadHandler(Thing, lambda thing: thing.title, lambda thing: "")

    @hookimpl
    def register_routes(): return crud(Thing)
"""


@pytest.fixture(autouse=True)
def _on_mongo(project: Project, mongo: str) -> None:
    """Give the project an empty database in the MongoDB of all tests, so that it starts none of its own."""
    project.environ |= {"HOST_DATABASE_URL": mongo, "HOST_DATABASE_NAME": f"test{uuid4().hex[:12]}"}


@pytest.fixture
def two(project: Project) -> Project:
    """Two plugins, each with a model ``Thing``."""
    project.install("acme-core", CORE)
    project.install("acme-shop", SHOP, requires=["acme-core"])
    return project


def asked(project: Project, *requests: tuple[Any, ...]) -> list[Any]:
    """Send requests (method, path, body) one after the other, and return the responses."""

    async def ask(host: Host) -> list[Any]:
        async with client_of(host) as client:
            return [await client.request(method, path, json=body[0] if body else None) for method, path, *body in requests]

    return in_host(project, ask)


def rows(answer: Any) -> list[dict[str, Any]]:
    """Return the rows of a payload."""
    items: list[dict[str, Any]] = answer.json()["body"]["items"]
    return items


def test_R9_the_host_names_collections_by_plugin_and_model(two: Project) -> None:
    async def names(host: Host) -> Any:
        core, shop = (models(host, key) for key in ("acme__core", "acme__shop"))
        return [model.get_collection_name() for model in (*core, *shop)]

    assert in_host(two, names) == ["acme__core-user", "acme__core-thing", "acme__shop-thing"]


def test_R9_a_collection_name_in_the_settings_of_a_class_is_overridden(project: Project) -> None:
    settings = '\n        class Settings:\n            name = "acme__other-thing"\n            indexes = ["title"]\n'
    project.install(
        "acme-shop",
        SHOP.replace("    from acme_core import User\n", "")
        .replace("Link[User]", "Link[Document]")
        .replace("        buyer: Link[Document] | None = None\n", settings),
    )

    async def look(host: Host) -> Any:
        (model,) = models(host, "acme__shop")
        return model.get_collection_name(), sorted(await model.get_pymongo_collection().index_information())

    assert in_host(project, look) == ("acme__shop-thing", ["_id_", "title_1"])


def test_R9_a_link_to_a_model_of_another_plugin_names_its_collection(two: Project) -> None:
    async def link(host: Host) -> Any:
        user = await models(host, "acme__core")[0]().insert()
        (thing,) = models(host, "acme__shop")
        inserted = await thing(title="a", buyer=user).insert()
        stored = await thing.get_pymongo_collection().find_one({"_id": inserted.id})
        fetched = await thing.get(inserted.id, fetch_links=True)
        return stored["buyer"].collection, fetched.buyer.name

    assert in_host(two, link) == ("acme__core-user", "anonymous")


def test_R9_a_subclass_of_a_model_of_another_plugin_has_its_own_collection(two: Project) -> None:
    two.install(
        "acme-more",
        """
        from acme_core import User

        class Admin(User):
            level: int = 1

        @hookimpl
        def register_models(): return Admin
        """,
        requires=["acme-core"],
    )

    async def store(host: Host) -> Any:
        (admin,) = models(host, "acme__more")
        await admin().insert()
        return admin.get_collection_name(), await admin.count(), await models(host, "acme__core")[0].count()

    assert in_host(two, store) == ("acme__more-admin", 1, 0)


def test_R9_a_subclass_of_a_root_model_is_stored_in_the_collection_of_the_root(project: Project) -> None:
    root = CORE.replace('name: str = "anonymous"', 'name: str = "anonymous"\n\n        class Settings:\n            is_root = True')
    project.install("acme-core", root)
    project.install(
        "acme-more",
        """
        from acme_core import User

        class Admin(User):
            level: int = 1

        @hookimpl
        def register_models(): return Admin
        """,
        requires=["acme-core"],
    )

    async def store(host: Host) -> Any:
        (admin,), user = models(host, "acme__more"), models(host, "acme__core")[0]
        await admin().insert()
        return (
            admin.get_collection_name(),
            await user.count(),
            [type(document).__name__ async for document in user.find_all(with_children=True)],
        )

    assert in_host(project, store) == ("acme__core-user", 0, ["Admin"])


def test_R9_two_models_with_one_collection_are_refused(project: Project) -> None:
    project.install("acme-core", CORE.replace("return [User, Thing]", "return [User, type('user', (Document,), {}), Thing]"))
    failure = error(project)
    assert isinstance(failure, ConflictError)
    assert "two models have the collection acme__core-user" in failure.message


def test_R10_every_document_has_the_common_fields(two: Project) -> None:
    (answer,) = asked(two, ("POST", "/acme__core/user", {}))
    (row,) = rows(answer)
    assert row | {"id": "", "createdAt": "", "updatedAt": ""} == {
        "id": "",
        "version": 1,
        "tags": [],
        "owner": None,
        "lastEditor": None,
        "isDeleted": False,
        "createdAt": "",
        "updatedAt": "",
        "name": "anonymous",
        "_displayName": row["id"],
        "_completion": "",
        "_tags": [],
    }


def test_R10_a_client_may_give_an_id_that_is_a_uuid_and_unused(two: Project) -> None:
    identifier = str(uuid4())
    first, again, wrong = asked(
        two,
        ("POST", "/acme__core/user", {"id": identifier.upper()}),
        ("POST", "/acme__core/user", {"id": identifier, "name": "another"}),
        ("POST", "/acme__core/user", {"id": "1"}),
    )
    assert (first.status_code, again.status_code, wrong.status_code) == (201, 409, 400)
    assert rows(first)[0]["id"] == identifier


def test_R10_the_id_of_a_deleted_document_counts_as_used(two: Project) -> None:
    identifier = str(uuid4())
    *_, again, restored = asked(
        two,
        ("POST", "/acme__core/user", {"id": identifier, "name": "first"}),
        ("DELETE", f"/acme__core/user/{identifier}"),
        ("POST", "/acme__core/user", {"id": identifier, "name": "second"}),
        ("POST", f"/acme__core/user/{identifier}/restore"),
    )
    assert again.status_code == 409
    assert rows(restored)[0]["name"] == "first"


def test_R10_the_host_keeps_times_and_version(two: Project) -> None:
    async def change(host: Host) -> Any:
        user = models(host, "acme__core")[0]
        document = await user().insert()
        created, updated = document.created_at, document.updated_at
        await document.set({user.name: "b"})
        return document.created_at == created, document.updated_at >= updated, document.version

    assert in_host(two, change) == (True, True, 2)


def test_R11_deleting_sets_a_flag_and_returns_the_id(two: Project) -> None:
    identifier = str(uuid4())
    _, deleted, listed, read, trash = asked(
        two,
        ("POST", "/acme__core/user", {"id": identifier}),
        ("DELETE", f"/acme__core/user/{identifier}"),
        ("GET", "/acme__core/user"),
        ("GET", f"/acme__core/user/{identifier}"),
        ("GET", "/acme__core/user?deleted=true"),
    )
    assert (deleted.json()["action"], deleted.json()["body"]["deleted"]) == ("dataDelete", [identifier])
    assert (rows(listed), read.status_code) == ([], 404)
    assert [row["isDeleted"] for row in rows(trash)] == [True]


def test_R11_a_restored_document_can_be_read_again(two: Project) -> None:
    identifier = str(uuid4())
    *_, restored, read = asked(
        two,
        ("POST", "/acme__core/user", {"id": identifier}),
        ("DELETE", f"/acme__core/user/{identifier}"),
        ("POST", f"/acme__core/user/{identifier}/restore"),
        ("GET", f"/acme__core/user/{identifier}"),
    )
    assert restored.json()["action"] == "dataRestore"
    assert read.status_code == 200


def test_R11_a_hard_deleted_document_cannot_be_restored(two: Project) -> None:
    identifier = str(uuid4())
    _, removed, trash, restored = asked(
        two,
        ("POST", "/acme__core/user", {"id": identifier}),
        ("DELETE", f"/acme__core/user/{identifier}/hard"),
        ("GET", "/acme__core/user?deleted=true"),
        ("POST", f"/acme__core/user/{identifier}/restore"),
    )
    assert (removed.json()["action"], removed.json()["body"]["deleted"]) == ("dataHardDelete", [identifier])
    assert (rows(trash), restored.status_code) == ([], 404)


def test_R11_a_filter_on_the_deletion_flag_overrides_the_default(two: Project) -> None:
    """As in ``{isDeleted: false, ...filter}``."""

    async def look(host: Host) -> Any:
        user = models(host, "acme__core")[0]
        await user(name="kept").insert()
        await (await user(name="deleted").insert()).delete()
        return [[document.name async for document in user.find(query)] for query in ({}, {"isDeleted": True})]

    assert in_host(two, look) == [["kept"], ["deleted"]]


def test_R12_create_and_update_schemas_are_narrower_than_the_document(two: Project) -> None:
    config = two.host("generate-config", "--stdout").stdout
    shop = config[config.index("namespace AcmeShop") :]
    for declaration in ("interface Thing {", "interface ThingCreate {", "interface ThingUpdate {"):
        assert declaration in shop
    document, create, update = (
        shop.partition(f"interface {name} {{\n")[2].partition("\n  }\n")[0] for name in ("Thing", "ThingCreate", "ThingUpdate")
    )
    for field in ("isDeleted", "createdAt", "updatedAt"):
        assert f"    {field}: " in document
        assert field not in create + update


def test_R12_a_body_that_does_not_match_the_schema_is_refused(two: Project) -> None:
    answers = asked(
        two,
        ("POST", "/acme__shop/thing", {}),
        ("POST", "/acme__shop/thing", {"title": 7}),
        ("POST", "/acme__shop/thing", {"title": "a", "size": 1}),
        ("POST", "/acme__shop/thing", {"title": "a"}),
    )
    assert [answer.status_code for answer in answers] == [400, 400, 400, 201]


def test_R12_schemas_with_one_name_in_two_plugins_are_independent(two: Project) -> None:
    answers = asked(two, ("POST", "/acme__core/thing", {"size": 2}), ("POST", "/acme__shop/thing", {"size": 2}))
    assert [answer.status_code for answer in answers] == [201, 400]
    config = two.host("generate-config", "--stdout").stdout
    core, shop = config.index("namespace AcmeCore"), config.index("namespace AcmeShop")
    assert config.count("interface ThingCreate {", core, shop) == 1
    assert config.count("interface ThingCreate {", shop) == 1


def test_R12_schemas_are_openapi_components(two: Project) -> None:
    (answer,) = asked(two, ("GET", "/schema/openapi.json"))
    schemas = answer.json()["components"]["schemas"]
    names = [name for name, schema in schemas.items() if "title" in schema.get("properties", {}) and name.endswith("ThingCreate")]
    assert len(names) == 1
    assert schemas[names[0]]["required"] == ["title"]


def test_R12_two_schemas_with_one_name_in_one_plugin_are_both_kept(project: Project) -> None:
    """In raclette the second registration is an error; here classes are distinguished by their modules."""
    source = """
        from litestar import post
        from litestar.params import JSONBody
        from msgspec import Struct
        from acme_shop import parts

        class Part(Struct):
            size: int

        @post("/mine", sync_to_thread=False)
        def mine(data: JSONBody[Part]) -> None: ...

        @post("/theirs", sync_to_thread=False)
        def theirs(data: JSONBody[parts.Part]) -> None: ...

        @hookimpl
        def register_routes(): return [mine, theirs]
    """
    from textwrap import dedent

    files = {
        "acme_shop/__init__.py": "from hookspecs import hookimpl\n" + dedent(source),
        "acme_shop/parts.py": "from msgspec import Struct\n\nclass Part(Struct):\n    weight: int\n",
    }
    project.install("acme-shop", files)
    config = project.host("generate-config", "--stdout").stdout
    assert "size: number" in config
    assert "weight: number" in config
