"""A type belongs to the plugin whose package defines it, and no plugin changes a character of another plugin's part."""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host.common.naming import root_key
from host.common.settings import load_settings
from host.frontend.emit import generate
from host.frontend.model import Generated, PluginInput
from host.lifecycle.generation import booted, generate_for, inputs_of
from tests.distributions import Project
from tests.frontend.compile import COMPILERS, compile_files
from tests.frontend.neighbours import PLUGINS, install, with_requirements

SEVERAL = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
some = st.sets(st.sampled_from(sorted(PLUGINS)), min_size=1, max_size=6).map(with_requirements)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Yield a project with all the neighbours installed."""
    project = Project.at(tmp_path_factory.mktemp("street"))
    install(project)
    with project.cleanup, project.site.active():
        yield project


@pytest.fixture(scope="module")
def inputs(street: Project) -> list[PluginInput]:
    """Return the generator's input for all plugins."""
    return inputs_of(*booted(street.settings))


@pytest.fixture(scope="module")
def whole(inputs: list[PluginInput]) -> Generated:
    """Return the file of all plugins."""
    return generate(inputs)


def enabled(project: Project, keys: Collection[str]) -> Generated:
    """Generate the file with only some plugins enabled; the others stay installed."""
    return generate_for(*booted(load_settings(project.directory, {"HOST_PLUGINS_ENABLED": ",".join(sorted(keys))})))


def of(keys: Collection[str], generated: Generated) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parts and the digests of some installed plugins and their children."""
    parts = {key: part for key, part in generated.parts.items() if root_key(key) in keys}
    return parts, {key: digest for key, digest in generated.digests.items() if root_key(key) in keys}


# ── no plugin changes another's part


def test_the_neighbours_have_the_same_names(whole: Generated) -> None:
    sharing = [key for key, part in whole.parts.items() if "interface Task {" in part and "readonly record: {" in part]
    assert len(sharing) >= 12


@settings(SEVERAL, max_examples=25)
@given(keys=some)
def test_disabling_plugins_changes_no_other_part(street: Project, whole: Generated, keys: set[str]) -> None:
    assert of(PLUGINS, enabled(street, keys)) == of(keys, whole)


@settings(SEVERAL, max_examples=60)
@given(keys=some, seed=st.integers(0, 2**32))
def test_omitting_plugins_in_any_order_changes_no_part(
    inputs: list[PluginInput], whole: Generated, keys: set[str], seed: int
) -> None:
    chosen = [plugin for plugin in inputs if root_key(plugin.key) in keys]
    random.Random(seed).shuffle(chosen)
    assert of(PLUGINS, generate(chosen)) == of(keys, whole)


@settings(SEVERAL, max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_the_whole_file_is_the_same_in_any_order(inputs: list[PluginInput], whole: Generated, seed: int) -> None:
    shuffled = list(inputs)
    random.Random(seed).shuffle(shuffled)
    assert generate(shuffled) == whole


#: Prints the parts and digests of the installed plugins.
PRINT = """
import json, pathlib, sys
from host.lifecycle.generation import booted, generate_for
from host.common.settings import load_settings
generated = generate_for(*booted(load_settings(pathlib.Path.cwd())))
json.dump([dict(generated.parts), dict(generated.digests)], sys.stdout)
"""


@pytest.mark.parametrize(
    ("keys", "seed", "zone", "locale"),
    [
        ({"acme__orders"}, "1", "Asia/Kathmandu", "C"),
        ({"acme__mail", "acme__audit", "acme__desk"}, "4711", "America/New_York", "tr_TR.UTF-8"),
        ({"acme__shop", "acme__reports", "acme__zzz"}, "0", "UTC", "C.UTF-8"),
    ],
)
def test_parts_are_the_same_in_another_process_and_directory_with_only_the_requirements_installed(
    keys: set[str], seed: str, zone: str, locale: str, whole: Generated, tmp_path: Path
) -> None:
    project = Project.at(tmp_path)
    install(project, keys)
    project.environ |= {
        "PYTHONHASHSEED": seed,
        "TZ": zone,
        "LC_ALL": locale,
        "HOST_PLUGINS_ENABLED": ",".join(with_requirements(keys)),
    }
    outcome = project.python(PRINT)
    assert outcome.code == 0, outcome.stderr
    assert tuple(json.loads(outcome.stdout)) == of(with_requirements(keys), whole)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_file_of_all_plugins_and_of_each_alone_compiles(
    compiler: str, street: Project, whole: Generated, tmp_path: Path
) -> None:
    texts = {"whole": whole.text}
    for number, keys in enumerate(({"acme__zzz"}, {"acme__shop", "acme__audit"}, {"acme__reports", "acme__desk", "other__todo"})):
        texts[f"some{number}"] = enabled(street, with_requirements(keys)).text
    files = [tmp_path / f"{name}.ts" for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        file.write_text(text, encoding="utf-8")
    assert compile_files(files, compiler) == ""


# ── the package of a plugin


def packages(project: Project) -> dict[str, str]:
    """Return plugin key → its import package."""
    return {plugin.key: plugin.package for plugin in inputs_of(*booted(project.settings))}


@pytest.mark.parametrize(
    ("files", "target", "package"),
    [
        (["acme_one.py"], "acme_one", "acme_one"),
        (["acme_one/__init__.py"], "acme_one", "acme_one"),
        (["acme_one/__init__.py", "acme_one/plugin.py"], "acme_one.plugin", "acme_one"),
        (["acme_one/__init__.py", "acme_one/deep/__init__.py", "acme_one/deep/plugin.py"], "acme_one.deep.plugin", "acme_one"),
        (["space/one/__init__.py", "space/one/plugin.py"], "space.one.plugin", "space.one"),
        (["space/one.py"], "space.one", "space.one"),
        (["space/more/one.py"], "space.more.one", "space.more.one"),
    ],
)
def test_a_plugin_has_the_outermost_regular_package_around_it(
    files: list[str], target: str, package: str, project: Project
) -> None:
    project.install("acme-one", dict.fromkeys(files, ""), target=target)
    assert packages(project) == {"acme__one": package}


@pytest.mark.parametrize(
    "init",
    [
        '__path__ = __import__("pkgutil").extend_path(__path__, __name__)\n',
        "from pkgutil import extend_path\n\n__path__ = extend_path(__path__, __name__)\n",
    ],
)
def test_an_init_file_that_declares_a_namespace_is_not_a_regular_package(init: str, project: Project) -> None:
    project.install(
        "acme-one", {"space/__init__.py": init, "space/one/__init__.py": "", "space/one/plugin.py": ""}, target="space.one.plugin"
    )
    assert packages(project) == {"acme__one": "space.one"}


@pytest.mark.parametrize(
    ("plugins", "expected"),
    [
        ({"a__a": "suite.a", "a__b": "suite.b.plugin"}, {"a__a": "suite.a", "a__b": "suite.b"}),
        ({"a__a": "suite.b.plugin"}, {"a__a": "suite"}),
        ({"a__a": "suite", "a__b": "suite.b.plugin"}, {"a__a": "suite", "a__b": "suite.b"}),
        ({"a__a": "suite.both:A", "a__b": "suite.both:B"}, {"a__a": "suite.both", "a__b": "suite.both"}),
    ],
)
@pytest.mark.parametrize("disabled_hooks", [False, True])
def test_plugins_of_one_distribution_share_a_package_only_if_they_are_in_the_same_module(
    plugins: dict[str, str], expected: dict[str, str], disabled_hooks: bool, project: Project
) -> None:
    files = ["suite/__init__.py", "suite/a.py", "suite/b/__init__.py", "suite/b/plugin.py"]
    both = "class A: ...\n\n\nclass B: ...\n"
    project.install("a-suite", {**dict.fromkeys(files, ""), "suite/both.py": both}, plugins=plugins)
    if disabled_hooks:
        project.environ["HOST_PLUGINS_ENABLED"] = "a__a"
    assert packages(project) == {key: package for key, package in expected.items() if not disabled_hooks or key == "a__a"}


def test_a_plugin_that_adds_a_module_to_another_plugins_package_owns_only_that_module(project: Project) -> None:
    project.install("acme-one", {"acme_one/__init__.py": "", "acme_one/plugin.py": ""}, target="acme_one.plugin")
    project.install("acme-two", {"acme_one/two.py": ""}, target="acme_one.two", requires=["acme-one"])
    assert packages(project) == {"acme__one": "acme_one", "acme__two": "acme_one.two"}


def test_an_editable_installation_records_no_source(project: Project) -> None:
    project.install("acme-one", {"acme_one/__init__.py": "", "acme_one/plugin.py": ""}, target="acme_one.plugin")
    record = next(project.site.directory.glob("acme_one-*.dist-info/RECORD"))
    record.write_text("__editable__.acme_one-1.0.0.pth,,\n", encoding="utf-8")
    assert packages(project) == {"acme__one": "acme_one"}


def test_plugins_without_packaging_own_their_file_or_directory(project: Project) -> None:
    for path in ("plugins/acme__memo.py", "plugins/acme__lists/__init__.py", "plugins/acme__lists/models.py"):
        file = project.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("", encoding="utf-8")
    project.only_own = False
    project.environ["HOST_PLUGINS_ENABLED"] = "acme__memo,acme__lists"
    assert packages(project) == {"acme__lists": "acme__lists", "acme__memo": "acme__memo"}


def test_a_child_owns_its_module_unless_its_parent_is_defined_there(project: Project) -> None:
    source = """
    from hookspecs import Child, hookimpl
    from acme_one import child

    class Inner: ...

    @hookimpl
    def register_plugins():
        return [Child(child, "apart"), Child(Inner, "within")]
    """
    files = {"acme_one/__init__.py": "", "acme_one/child.py": "", "acme_one/plugin.py": dedent(source)}
    project.install("acme-one", files, target="acme_one.plugin")
    assert packages(project) == {"acme__one": "acme_one", "acme__one.apart": "acme_one.child", "acme__one.within": ""}


# ── consequences


def test_a_type_beside_the_module_of_a_plugin_belongs_to_that_plugin(whole: Generated) -> None:
    assert "quota: AcmeBilling.Quota;" in whole.parts["acme__todo"]
    assert "interface Quota " not in whole.parts["acme__todo"]


def test_a_type_that_its_plugin_does_not_send_is_copied(whole: Generated) -> None:
    assert "unsent: AcmeTodo.Unsent;" in whole.parts["acme__todo"]
    assert "Unsent" not in whole.parts["acme__billing"]


def test_a_type_of_a_plugin_that_can_be_absent_is_copied(whole: Generated) -> None:
    assert "AcmeAudit.Quota" in whole.parts["acme__audit"]
    assert "interface Task {" in whole.parts["acme__zzz"]


def test_a_type_of_a_plugin_that_is_required_is_referred_to(whole: Generated) -> None:
    assert "AcmeNotes.Task" in whole.parts["acme__aaa"]
    assert "interface Task {" not in whole.parts["acme__aaa"]


def test_a_type_of_a_library_is_copied_by_each(whole: Generated) -> None:
    assert [key for key, part in whole.parts.items() if "type CommonLibStatus = " in part] == ["acme__notes", "acme__shop.notes"]


def test_an_own_generic_over_another_plugins_type_stays_own(whole: Generated) -> None:
    part = whole.parts["acme__crm"]
    assert "  interface PageTypesTask {\n    items: AcmeBilling.Task[];" in part


def test_another_plugins_generic_over_an_own_type_is_copied(whole: Generated) -> None:
    assert "  interface CommonLibPageTask {\n    items: AcmeCrm.Task[];" in whole.parts["acme__crm"]


def test_using_another_plugins_type_does_not_rename_own_types(whole: Generated) -> None:
    part = whole.parts["acme__desk"]
    assert "interface Task {\n    id: UUID;\n    status: AcmeDesk.Status;" in part
    assert "interface ChatTask {" in part


def test_an_optional_contract_is_not_in_the_part_of_its_user(whole: Generated) -> None:
    assert "uses:" not in whole.parts["acme__audit"]
    assert 'consumers: "acme__audit" | "acme__todo"' in whole.text
    assert 'uses: ["acme__billing.billing@1"],' in whole.parts["acme__todo"]


def test_equal_unions_and_literals_are_written_alike(whole: Generated) -> None:
    written = ['("a" | "b" | null)[]', "{ [key: string]: number | string | null }", "interface PageLiteralAB {"]
    for key in ("acme__aaa", "acme__orders"):
        assert [line for line in written if line in whole.parts[key]] == written
