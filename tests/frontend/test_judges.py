"""Generated models: the types accept every valid instance and reject every invalid one.

Three judges must agree on what is valid first: how the instance was made, ``jsonschema`` with the library's schema, and the
library's own decoder. Then both compilers must agree for the emitted types and for the types that openapi-typescript makes of
the same schemas.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pydantic
import pytest
from litestar import post
from litestar.params import JSONBody

from host.frontend.emit import generate
from tests.frontend.building import plugin
from tests.frontend.compile import COMPILERS, HERE, install, node
from tests.frontend.judges.models import Model, generate_models
from tests.frontend.judges.verdicts import refused

COUNT = 40
HEAD = """\
import type { AcmeJudgedApi } from "./generated-config";
type Answer<Call extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<Call>>;
"""
OTHER_HEAD = 'import type { components } from "./openapi";\n'


@dataclass(frozen=True)
class Instance:
    """JSON and its expected verdict.

    Args:
        entity: the entity of the route that accepts and sends it.
        component: its schema in the OpenAPI document.
        sent: whether the server sends it; otherwise it receives it.
        value: the value as Python reads it.
        valid: whether it conforms to the type.
    """

    entity: str
    component: str
    sent: bool
    value: Any
    valid: bool

    def typescript(self, number: int) -> str:
        """Return a line for the emitted types."""
        name = json.dumps(self.entity)
        kind = f"Answer<AcmeJudgedApi[{name}]['create']>" if self.sent else f"Parameters<AcmeJudgedApi[{name}]['create']>[0]"
        return f"export const value{number}: {kind} = {json.dumps(self.value)};"

    def of_openapi(self, number: int) -> str:
        """Return a line for the types of openapi-typescript."""
        return f"export const value{number}: components['schemas']['{self.component}'] = {json.dumps(self.value)};"


def _handler(entity: str, cls: Any) -> Any:
    async def take(data: Any) -> Any:
        return data

    take.__annotations__ |= {"data": JSONBody[cls], "return": cls}
    return post(f"/{entity}")(take)


def _sides(number: int, model: Model) -> list[tuple[str, Any]]:
    return [(f"struct{number}", model.struct), (f"model{number}", model.model)]


def _schema(cls: Any, mode: Any, template: str = "#/$defs/{model}") -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the schema of a class by its own library, and the schemas that it refers to."""
    if issubclass(cls, msgspec.Struct):
        (schema,), more = msgspec.json.schema_components([cls], ref_template=template.replace("{model}", "{name}"))
        return schema, more
    schema = cls.model_json_schema(mode=mode, ref_template=template)
    return schema, schema.pop("$defs", {})


def _decodes(cls: Any, value: Any) -> bool:
    try:
        if issubclass(cls, msgspec.Struct):
            msgspec.json.decode(json.dumps(value), type=cls)
        else:
            cls.model_validate_json(json.dumps(value), strict=True)
    except (msgspec.ValidationError, pydantic.ValidationError):
        return False
    return True


def _sent(cls: Any, value: Any) -> Any:
    """Return the response of a server that received this value."""
    if issubclass(cls, msgspec.Struct):
        return json.loads(msgspec.json.encode(msgspec.json.decode(json.dumps(value), type=cls)))
    return json.loads(cls.model_validate_json(json.dumps(value)).model_dump_json(by_alias=True))


def _instances(entity: str, cls: Any, model: Model) -> list[Instance]:
    instances = [Instance(entity, f"{entity}In", False, value, True) for value in model.valid]
    instances += [Instance(entity, f"{entity}In", False, value, False) for value in model.invalid]
    full = _sent(cls, model.valid[0])
    instances += [Instance(entity, f"{entity}Out", True, _sent(cls, value), True) for value in (model.valid[0], *model.valid[2:])]
    instances += [Instance(entity, f"{entity}Out", True, {key: full[key] for key in full if key != name}, False) for name in full]
    return instances


@dataclass(frozen=True)
class Judged:
    """The instances and the directory of the generated file."""

    sides: list[tuple[str, Any, Model]]
    instances: list[Instance]
    directory: Path


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    sides = [(entity, cls, model) for number, model in enumerate(generate_models(COUNT)) for entity, cls in _sides(number, model)]
    generated = generate([plugin("acme__judged", *(_handler(entity, cls) for entity, cls, _model in sides))])
    assert generated.warnings == ()
    directory = tmp_path_factory.mktemp("judged")
    (directory / "generated-config.ts").write_text(generated.text, encoding="utf-8")
    return Judged(sides, [instance for entity, cls, model in sides for instance in _instances(entity, cls, model)], directory)


@pytest.mark.parametrize("entity", ["struct", "model"])
def test_jsonschema_and_the_library_give_every_instance_the_expected_verdict(judged: Judged, entity: str) -> None:
    wrong = []
    for name, cls, model in judged.sides:
        if not name.startswith(entity):
            continue
        schema, more = _schema(cls, "validation")
        judge = jsonschema.Draft202012Validator({**schema, "$defs": more})
        for candidate, valid in [
            *((candidate, True) for candidate in model.valid),
            *((candidate, False) for candidate in model.invalid),
        ]:
            if (judge.is_valid(candidate), _decodes(cls, candidate)) != (valid, valid):
                wrong.append((name, candidate, valid))
    assert wrong == []


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_types_accept_valid_instances_and_reject_invalid_ones(judged: Judged, compiler: str) -> None:
    lines = [instance.typescript(number) for number, instance in enumerate(judged.instances)]
    errors = refused(judged.directory / f"{compiler}.ts", HEAD, lines, compiler)
    assert [
        (instance, errors.get(number)) for number, instance in enumerate(judged.instances) if (number in errors) is instance.valid
    ] == []


def _component(schema: Any, prefix: str) -> Any:
    return json.loads(json.dumps(schema).replace('"#/components/schemas/', f'"#/components/schemas/{prefix}'))


def _document(sides: list[tuple[str, Any, Model]]) -> dict[str, Any]:
    """Return an OpenAPI document with the schemas of all models, each made by its own library."""
    schemas: dict[str, Any] = {}
    for entity, cls, _model in sides:
        for way, mode in (("In", "validation"), ("Out", "serialization")):
            schema, more = _schema(cls, mode, "#/components/schemas/{model}")
            prefix = f"{entity}{way}"
            schemas |= {f"{prefix}{name}": _component(definition, prefix) for name, definition in more.items()}
            schemas[prefix] = _component(schema, prefix)
    return {"openapi": "3.1.0", "info": {"title": "judged", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}


def test_openapi_typescript_gives_received_instances_the_same_verdict(judged: Judged) -> None:
    """It is configured to make fields with a default optional, which it requires otherwise (openapi-typescript#2012)."""
    install()
    document = judged.directory / "openapi.json"
    document.write_text(json.dumps(_document(judged.sides)), encoding="utf-8")
    script = HERE / "node_modules/openapi-typescript/bin/cli.js"
    command = [node(), str(script), str(document), "--default-non-nullable=false", "--output", str(judged.directory / "openapi.ts")]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    received = [instance for instance in judged.instances if not instance.sent]
    errors = refused(
        judged.directory / "other.ts", OTHER_HEAD, [instance.of_openapi(number) for number, instance in enumerate(received)]
    )
    assert [
        (instance, errors.get(number)) for number, instance in enumerate(received) if (number in errors) is instance.valid
    ] == []
