"""A controller made by ``crud`` in ``generated-config.ts``: its names and types, checked by the TypeScript compilers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.data.cruds import install
from tests.distributions import Project
from tests.frontend.compile import COMPILERS, compile_files

USAGE = """\
import type { AcmeTodo, AcmeTodoApi, Payload } from "./generated-config";

export async function use({ task }: AcmeTodoApi, id: AcmeTodo.Task["id"]): Promise<void> {
  const created: Payload<AcmeTodo.Task> = await task.create({ title: "a" });
  await task.create({ title: "a", id, tags: ["x"], status: "done", priority: 1, dueAt: null, kind: "bug", notes: [], code: "c" });
  await task.update({ id }, { title: "b", version: created.body.items[0]?.version ?? 1 });
  await task.update({ id }, { dueAt: null });
  await task.get({ id });
  await task.delete({ id });
  await task.deleteHard({ id });
  await task.restore({ id });
  const page = await task.getAll({ status: "open", done: false, priority: 2, tags: ["x"], sort: "-dueAt", deleted: true });
  await task.getAll({ limit: 10 });
  const next: string | null = page.body.page?.next ?? null;
  await task.getAll(next === null ? undefined : { cursor: next });
  await task.getAll();
  const body: AcmeTodo.TaskCreate = { title: "a" };
  const change: AcmeTodo.TaskUpdate = { title: "a" };
  await Promise.all([task.create(body), task.update({ id }, change)]);
  // @ts-expect-error no title
  await task.create({});
  // @ts-expect-error read only
  await task.create({ title: "a", account: "x" });
  // @ts-expect-error the host's own
  await task.create({ title: "a", version: 1 });
  // @ts-expect-error not null
  await task.update({ id }, { title: null });
  // @ts-expect-error frozen
  await task.update({ id }, { code: "d" });
  // @ts-expect-error no such status
  await task.getAll({ status: "nope" });
  // @ts-expect-error no such order
  await task.getAll({ sort: "notes" });
  // @ts-expect-error hidden
  await task.getAll({ secret: "x" });
  // @ts-expect-error hidden
  const secret: string = created.body.items[0].secret;
}
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the file that ``host generate-config`` writes."""
    project = Project.at(tmp_path_factory.mktemp("crud"))
    with project.cleanup, project.site.active():
        install(project, "")
        done = project.host("generate-config", "--stdout")
    assert done.code == 0, done.stderr
    assert "unknown" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_calls_are_typed(generated: str, tmp_path: Path, compiler: str) -> None:
    (tmp_path / "generated-config.ts").write_text(generated, encoding="utf-8")
    usage = tmp_path / "usage.ts"
    usage.write_text(USAGE, encoding="utf-8")
    assert compile_files([tmp_path / "generated-config.ts", usage], compiler) == ""


@pytest.mark.parametrize(
    ("operation", "method", "action"),
    [
        ("getAll", "get", "dataRead"),
        ("get", "get", "dataRead"),
        ("create", "post", "dataCreate"),
        ("update", "patch", "dataUpdate"),
        ("delete", "delete", "dataDelete"),
        ("deleteHard", "delete", "dataHardDelete"),
        ("restore", "post", "dataRestore"),
    ],
)
def test_operations_have_their_method_and_store_action(generated: str, operation: str, method: str, action: str) -> None:
    flat = " ".join(generated.split())
    match = re.search(rf' {operation}: {{ target: .*?, method: "(\w+)", storeActionType: "(\w+)"', flat)
    assert match is not None
    assert match.groups() == (method, action)


@pytest.mark.parametrize("channel", ["taskCreated", "taskUpdated", "taskDeleted", "taskRestored"])
def test_channels_exist_without_being_declared(generated: str, channel: str) -> None:
    assert f"acme__todo--{channel}" in generated
