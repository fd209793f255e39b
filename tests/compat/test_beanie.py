"""A Beanie that has renamed what the host uses beyond its API: documents are read and written as before, or not at all."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from tests.compat.renaming import host, rename_in, run_tests, warnings
from tests.distributions import Project

#: The names of each use that has a fallback.
NAMES = {
    "query classes": "_find_many_query_class,_find_one_query_class",
    "write classes": "UpdateQueryType,DeleteQueryType",
    "parsing": "parse_obj",
    "state": "_save_state",
    "settings": "_document_settings",
    "registry": "evaluate_fr",
}
ALL = f"beanie:{','.join(NAMES.values())}"
MODEL = """
    from host.data import Document
    class Note(Document):
        text: str
    @hookimpl
    def register_models(): return [Note]
"""


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_each_missing_name_is_reported(names: str):
    lines = warnings(f"beanie:{names}", "beanie")
    assert all(line.startswith(f"beanie {version('beanie')} has no ") for line in lines)
    reported = {line.split(" has no ")[1].partition(":")[0].rpartition(".")[2] for line in lines}
    assert reported == set(names.split(","))


@pytest.mark.parametrize("file", ["test_document", "test_soft_delete", "test_crud"])
def test_documents_behave_as_before(file: str):
    run_tests(ALL, f"tests/data/{file}.py")


@pytest.mark.parametrize("name", ["wrap_with_actions", "get_dict"])
def test_without_what_writes_documents_rightly_a_plugin_with_models_does_not_start(project: Project, name: str):
    project.install("acme-note", MODEL)
    rename_in(project, f"beanie:{name}")
    ended = host(project, "routes")
    assert ended.returncode == 3, ended
    assert f"beanie {version('beanie')} has no {name}: " in ended.stderr
    assert "acme__note" in ended.stderr


def test_a_start_warns_of_a_name_of_a_library_that_only_a_plugin_imports(project: Project):
    project.install("acme-note", MODEL)
    rename_in(project, "beanie:parse_obj")
    ended = host(project, "routes")
    assert ended.returncode == 0, ended
    assert ended.stderr.count(f"beanie {version('beanie')} has no parse_obj: ") == 1
