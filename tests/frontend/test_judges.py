"""Generated models: the types admit every valid instance and refuse every invalid one.

What is valid, three judges must agree on first: how the instance was made, ``jsonschema`` on the schema of the library, and the
library's own decoder. Then both compilers must say the same of the emitted types, and of what openapi-typescript makes of the
same schemas.
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
from tests.frontend.judges.models import Model, made
from tests.frontend.judges.verdicts import refused

COUNT = 40
HEAD = """\
import type { AcmeJudgedApi } from "./generated-config";
type Answer<Call extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<Call>>;
"""
OTHER_HEAD = 'import type { components } from "./openapi";\n'


@dataclass(frozen=True)
class Instance:
    """JSON, and what it should be judged to be.

    Args:
        entity: of the route that takes and sends it.
        component: its schema in the OpenAPI document.
        sent: whether the server sends it, or takes it.
        value: as Python reads it.
        valid: whether it is of the type.
    """

    entity: str
    component: str
    sent: bool
    value: Any
    valid: bool

    def typescript(self, number: int) -> str:
        """A line for the emitted types."""
        name = json.dumps(self.entity)
        kind = f"Answer<AcmeJudgedApi[{name}]['create']>" if self.sent else f"Parameters<AcmeJudgedApi[{name}]['create']>[0]"
        return f"export const value{number}: {kind} = {json.dumps(self.value)};"

    def of_openapi(self, number: int) -> str:
        """A line for the types of openapi-typescript."""
        return f"export const value{number}: components['schemas']['{self.component}'] = {json.dumps(self.value)};"


def _handler(entity: str, cls: Any) -> Any:
    async def take(data: Any) -> Any:
        return data

    take.__annotations__ |= {"data": JSONBody[cls], "return": cls}
    return post(f"/{entity}")(take)


def _sides(number: int, model: Model) -> list[tuple[str, Any]]:
    return [(f"struct{number}", model.struct), (f"model{number}", model.model)]


def _schema(cls: Any, mode: Any, template: str = "#/$defs/{model}") -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of a class by its own library, and those that it refers to."""
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
    """What a server answers that was sent this."""
    if issubclass(cls, msgspec.Struct):
        return json.loads(msgspec.json.encode(msgspec.json.decode(json.dumps(value), type=cls)))
    return json.loads(cls.model_validate_json(json.dumps(value)).model_dump_json(by_alias=True))


def _instances(entity: str, cls: Any, model: Model) -> list[Instance]:
    found = [Instance(entity, f"{entity}In", False, value, True) for value in model.valid]
    found += [Instance(entity, f"{entity}In", False, value, False) for value in model.invalid]
    full = _sent(cls, model.valid[0])
    found += [Instance(entity, f"{entity}Out", True, _sent(cls, value), True) for value in (model.valid[0], *model.valid[2:])]
    found += [Instance(entity, f"{entity}Out", True, {key: full[key] for key in full if key != name}, False) for name in full]
    return found


@dataclass(frozen=True)
class Judged:
    """What is judged, and where the generated file is."""

    sides: list[tuple[str, Any, Model]]
    instances: list[Instance]
    directory: Path


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    sides = [(entity, cls, model) for number, model in enumerate(made(COUNT)) for entity, cls in _sides(number, model)]
    generated = generate([plugin("acme__judged", *(_handler(entity, cls) for entity, cls, _model in sides))])
    assert generated.warnings == ()
    directory = tmp_path_factory.mktemp("judged")
    (directory / "generated-config.ts").write_text(generated.text, encoding="utf-8")
    return Judged(sides, [one for entity, cls, model in sides for one in _instances(entity, cls, model)], directory)


@pytest.mark.parametrize("entity", ["struct", "model"])
def test_jsonschema_and_the_library_judge_the_instances_alike(judged: Judged, entity: str) -> None:
    wrong = []
    for name, cls, model in judged.sides:
        if not name.startswith(entity):
            continue
        schema, more = _schema(cls, "validation")
        judge = jsonschema.Draft202012Validator({**schema, "$defs": more})
        for value, valid in [*((one, True) for one in model.valid), *((one, False) for one in model.invalid)]:
            if (judge.is_valid(value), _decodes(cls, value)) != (valid, valid):
                wrong.append((name, value, valid))
    assert wrong == []


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_types_admit_what_is_valid_and_refuse_what_is_not(judged: Judged, compiler: str) -> None:
    lines = [one.typescript(number) for number, one in enumerate(judged.instances)]
    told = refused(judged.directory / f"{compiler}.ts", HEAD, lines, compiler)
    assert [(one, told.get(number)) for number, one in enumerate(judged.instances) if (number in told) is one.valid] == []


def _component(schema: Any, prefix: str) -> Any:
    return json.loads(json.dumps(schema).replace('"#/components/schemas/', f'"#/components/schemas/{prefix}'))


def _document(sides: list[tuple[str, Any, Model]]) -> dict[str, Any]:
    """An OpenAPI document with the schemas of all models, of each library's own making."""
    schemas: dict[str, Any] = {}
    for entity, cls, _model in sides:
        for way, mode in (("In", "validation"), ("Out", "serialization")):
            schema, more = _schema(cls, mode, "#/components/schemas/{model}")
            prefix = f"{entity}{way}"
            schemas |= {f"{prefix}{name}": _component(one, prefix) for name, one in more.items()}
            schemas[prefix] = _component(schema, prefix)
    return {"openapi": "3.1.0", "info": {"title": "judged", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}


def test_openapi_typescript_judges_what_is_taken_alike(judged: Judged) -> None:
    """Told to leave fields with a default optional, which it else requires (openapi-typescript#2012)."""
    install()
    document = judged.directory / "openapi.json"
    document.write_text(json.dumps(_document(judged.sides)), encoding="utf-8")
    script = HERE / "node_modules/openapi-typescript/bin/cli.js"
    command = [node(), str(script), str(document), "--default-non-nullable=false", "--output", str(judged.directory / "openapi.ts")]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    taken = [one for one in judged.instances if not one.sent]
    told = refused(judged.directory / "other.ts", OTHER_HEAD, [one.of_openapi(number) for number, one in enumerate(taken)])
    assert [(one, told.get(number)) for number, one in enumerate(taken) if (number in told) is one.valid] == []
