"""Extension points: one plugin offers a point, and any number of others extend it."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import json

import pytest

from host import Host
from host.common.errors import (
    ConflictError,
    ContractError,
    DependencyCycleError,
    DependencyFailedError,
    HookCallError,
    TooEarlyError,
)
from host.lifecycle.boot import Boot
from tests.conformance.kit import in_host
from tests.distributions import Project
from tests.errors.driving import check_blame, live

PORT = """
    from typing import Protocol
    class Report(Protocol):
        def title(self, year: int) -> str: ...
    class Printer(Protocol): ...
    class Named:
        def __init__(self, name): self.name = name
        def title(self, year): return f"{self.name} {year}"
"""

#: Offers the point, and prints its extensions once all plugins have started.
OPENS = """
    from shop_port import Report
    @hookimpl
    def register_contract(scope): return ExtensionPoint(Report{version})
    @hookimpl
    def on_ready(scope): print("reports:", *(report.title(2026) for report in scope.extensions(Report)))
"""

ADDS = """
    from shop_port import Named, Report
    @hookimpl
    def register_contract(scope): return Extension(Report, Named(scope.name){more})
"""

ISOLATE = "[plugins]\non_failure = 'isolate'\n"


@pytest.fixture
def shop(project: Project) -> Project:
    """Return a project with the protocol."""
    project.install("shop-port", PORT, plugins={})
    return project


def opens(version: str = "") -> str:
    return OPENS.format(version=f", '{version}'" if version else "")


def adds(more: str = "") -> str:
    return ADDS.format(more=f", {more}" if more else "")


def ready(shop: Project, capsys: pytest.CaptureFixture[str]) -> str:
    """Start all plugins and return what the point's owner printed."""
    life = live(shop)
    assert life.served, life.errors
    return capsys.readouterr().out


def test_a_point_without_extensions_is_empty(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    shop.install("shop-z", opens())
    assert ready(shop, capsys) == "reports:\n"


def test_all_extensions_are_listed_in_load_order(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    shop.install("shop-z", opens())
    shop.install("shop-b", adds())
    shop.install("shop-a", adds(), requires=["shop-c"])
    shop.install("shop-c", adds())
    assert ready(shop, capsys) == "reports: b 2026 c 2026 a 2026\n"


def test_a_plugin_may_add_several_extensions_in_its_own_order(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    several = adds().replace("Extension(Report, Named(scope.name))", "[Extension(Report, Named(name)) for name in 'zay']")
    shop.install("shop-a", opens())
    shop.install("shop-b", several)
    shop.install("shop-c", adds())
    assert ready(shop, capsys) == "reports: z 2026 a 2026 y 2026 c 2026\n"


def test_the_owner_of_a_point_may_extend_it_too(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    both = opens().replace("return ExtensionPoint", "return Extension(Report, Named('own')), ExtensionPoint")
    shop.install("shop-z", both.replace("import Report", "import Named, Report"))
    shop.install("shop-a", adds())
    assert ready(shop, capsys) == "reports: own 2026 a 2026\n"


@pytest.mark.parametrize("installed", list(itertools.permutations(["shop-a", "shop-b", "shop-z"])), ids="".join)
def test_the_order_does_not_depend_on_the_order_of_installation(
    shop: Project, capsys: pytest.CaptureFixture[str], installed: tuple[str, ...]
) -> None:
    for name in installed:
        shop.install(name, opens() if name == "shop-z" else adds())
    assert ready(shop, capsys) == "reports: a 2026 b 2026\n"


def test_the_order_does_not_depend_on_the_hash_seed(shop: Project) -> None:
    shop.install("shop-z", opens().replace("on_ready(scope)", "generate_frontend(scope)"))
    for name in "dbca":
        shop.install(f"shop-{name}", adds())
    printed = set()
    for seed in "012":
        shop.environ["PYTHONHASHSEED"] = seed
        printed.add(shop.host("generate-config").stdout.splitlines()[0])
    assert printed == {"reports: a 2026 b 2026 c 2026 d 2026"}


def test_extensions_are_the_objects_themselves_with_their_owners(shop: Project) -> None:
    shop.install("shop-z", opens())
    shop.install("shop-a", adds())
    shop.install("shop-b", adds().replace("Named(scope.name)", "mine") + "\n    mine = Named('mine')\n")

    async def look(host: Host) -> tuple[tuple[str, ...], bool, list[str]]:
        extensions = host.plugins["shop__z"].scope.extensions(importlib.import_module("shop_port").Report)
        return (
            extensions.owners,
            extensions[1] is importlib.import_module("shop_b").mine,
            [owner for owner, _ in extensions.owned()],
        )

    assert in_host(shop, look) == (("shop__a", "shop__b"), True, ["shop__a", "shop__b"])


def test_children_see_the_point_of_their_parent(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    source = """
        from shop_port import Report
        class Inner:
            @hookimpl
            def on_ready(self, scope): print("inner:", *scope.extensions(Report).owners)
        @hookimpl
        def register_plugins(scope): return Child(Inner(), "inner")
        @hookimpl
        def register_contract(scope): return ExtensionPoint(Report)
    """
    shop.install("shop-z", source)
    shop.install("shop-a", adds())
    assert ready(shop, capsys) == "inner: shop__a\n"


@pytest.mark.parametrize("shared", [False, True])
def test_a_child_may_extend_a_point(shop: Project, capsys: pytest.CaptureFixture[str], shared: bool) -> None:
    source = f"""
        from shop_port import Named, Report
        class Inner:
            @hookimpl
            def register_contract(self, scope): return Extension(Report, Named(scope.key))
        @hookimpl
        def register_plugins(scope): return Child(Inner(), "inner", shared={shared})
    """
    shop.install("shop-z", opens())
    shop.install("shop-a", source)
    shop.install("shop-b", adds())
    assert ready(shop, capsys) == "reports: shop__a.inner 2026 b 2026\n"


def test_a_child_may_extend_a_point_of_its_parent(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    source = (
        opens()
        + """
    from shop_port import Named
    class Inner:
        @hookimpl
        def register_contract(self, scope): return Extension(Report, Named(scope.key))
    @hookimpl
    def register_plugins(scope): return Child(Inner(), "inner")
    """
    )
    shop.install("shop-z", source)
    assert ready(shop, capsys) == "reports: shop__z.inner 2026\n"


def test_the_error_for_a_missing_point_names_the_existing_ones(shop: Project) -> None:
    shop.install("shop-z", opens("1.2").replace("Report", "Printer").replace("report.title(2026)", "report"))
    shop.install("shop-a", adds())
    error = live(shop).only
    assert isinstance(error, ContractError)
    check_blame(error, "shop__a", hook="register_contract")
    assert error.message == (
        "shop__a extends Report, and no enabled plugin has such an extension point; available: Printer 1.2 of shop__z"
    )
    assert error.fix == "install or enable the plugin that has shop_port.Report, or extend it with optional=True"


def test_a_contract_is_not_an_extension_point(shop: Project) -> None:
    shop.install("shop-z", adds().replace("Extension(Report, Named(scope.name))", "Contract(Report, Named('z'), '1')"))
    shop.install("shop-a", adds())
    error = live(shop).only
    assert error.fix == "Report is a contract, which shop__z provides; return Uses(Report, …) to call it"


def test_an_extension_point_is_not_a_contract(shop: Project) -> None:
    shop.install("shop-z", opens())
    shop.install("shop-a", adds().replace("Extension(Report, Named(scope.name))", "Uses(Report, 'report')"))
    error = live(shop).only
    assert error.fix == "Report is an extension point of shop__z; extend it: return Extension(Report, …)"


def test_an_optional_extension_needs_no_point(shop: Project) -> None:
    shop.install("shop-a", adds("optional=True"))
    life = live(shop)
    assert (life.errors, life.served) == ((), True)


@pytest.mark.parametrize(("has", "wanted"), [("1.4", ">=2"), ("2.0", "<2"), ("2.0rc1", "<2"), ("1.0rc1", ">=1")])
def test_the_error_for_another_version_of_a_point_names_both_versions(shop: Project, has: str, wanted: str) -> None:
    shop.install("shop-z", opens(has))
    shop.install("shop-a", adds(f"version='{wanted}'"))
    error = live(shop).only
    assert isinstance(error, ContractError)
    check_blame(error, "shop__a", hook="register_contract")
    assert error.message == f"shop__a extends Report {wanted}, and shop__z has it in version {has}"


@pytest.mark.parametrize(("has", "wanted"), [("1.4", ">=1,<2"), ("2.0rc1", ">=1"), ("1.5b1", "~=1.4"), ("1", "")])
def test_a_point_of_a_compatible_version_is_extended(
    shop: Project, capsys: pytest.CaptureFixture[str], has: str, wanted: str
) -> None:
    shop.install("shop-z", opens(has))
    shop.install("shop-a", adds(f"version='{wanted}'"))
    assert ready(shop, capsys) == "reports: a 2026\n"


def test_an_optional_extension_for_another_version_is_omitted(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    shop.install("shop-z", opens("1"))
    shop.install("shop-a", adds("version='>=2', optional=True"))
    assert ready(shop, capsys) == "reports:\n"


def test_an_extension_that_does_not_conform_to_the_protocol_is_an_error(shop: Project) -> None:
    wrong = "from shop_port import Report\nclass Pdf:\n    def title(self): return 'pdf'\n"
    shop.install("shop-z", opens())
    shop.install("shop-a", wrong + "@hookimpl\ndef register_contract(scope): return Extension(Report, Pdf())")
    error = live(shop).only
    assert isinstance(error, ContractError)
    check_blame(error, "shop__a", hook="register_contract")
    assert error.message == (
        "shop__a extends the extension point Report of shop__z, and Pdf does not match it: "
        "Report.title takes (year); Pdf.title lacks year"
    )
    assert error.fix == "write in Pdf: def title(self, year)"


def test_a_nonconforming_extension_is_omitted_and_the_others_are_kept(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    shop.configure(ISOLATE)
    shop.install("shop-z", opens())
    shop.install("shop-a", adds().replace("Named(scope.name)", "object()"))
    shop.install("shop-b", adds())
    assert ready(shop, capsys) == "reports: b 2026\n"


@pytest.mark.parametrize("hook", ["register_routes", "generate_frontend", "app_built", "on_startup"])
def test_the_extension_of_a_failed_plugin_is_omitted(shop: Project, capsys: pytest.CaptureFixture[str], hook: str) -> None:
    shop.configure(ISOLATE)
    shop.install("shop-z", opens())
    shop.install("shop-a", adds() + f"\n    @hookimpl\n    def {hook}(scope): 1 / 0\n")
    shop.install("shop-b", adds())
    assert ready(shop, capsys) == "reports: b 2026\n"


def test_an_extending_plugin_fails_with_the_owner_of_the_point(shop: Project) -> None:
    shop.install("shop-z", opens() + "\n    @hookimpl\n    def on_startup(scope): 1 / 0\n")
    shop.install("shop-a", adds())
    first, second = live(shop).errors
    assert isinstance(first, HookCallError)
    assert isinstance(second, DependencyFailedError)
    assert second.chain == ("shop__a", "shop__z")


def test_an_optionally_extending_plugin_does_not_fail_with_the_owner(shop: Project) -> None:
    shop.configure(ISOLATE)
    shop.install("shop-z", opens() + "\n    @hookimpl\n    def on_startup(scope): 1 / 0\n")
    shop.install("shop-a", adds("optional=True"))
    assert live(shop).boot.order == ["shop__a"]


def test_the_owner_of_a_point_starts_first(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    start = "\n    @hookimpl\n    def on_startup(scope): print('start', scope.name)\n"
    shop.install("shop-z", opens() + start)
    shop.install("shop-a", adds() + start)
    shop.install("shop-b", adds("optional=True") + start)
    assert ready(shop, capsys).splitlines()[:3] == ["start z", "start a", "start b"]


@pytest.mark.parametrize("hook", ["configure", "register_models", "register_contract", "register_routes"])
def test_extensions_are_not_available_too_early(shop: Project, hook: str) -> None:
    shop.install("shop-z", f"from shop_port import Report\n@hookimpl\ndef {hook}(scope): scope.extensions(Report)")
    error = live(shop).only
    assert isinstance(error, TooEarlyError)
    check_blame(error, "shop__z", hook=hook, fix=False)
    assert "from generate_frontend on" in error.message


@pytest.mark.parametrize("hook", ["generate_frontend", "app_built", "on_startup"])
def test_extensions_are_available_from_generate_frontend_on(shop: Project, capsys: pytest.CaptureFixture[str], hook: str) -> None:
    shop.install("shop-z", opens().replace("on_ready", hook))
    shop.install("shop-a", adds())
    assert ready(shop, capsys) == "reports: a 2026\n"


def test_an_undeclared_point_is_an_error(shop: Project) -> None:
    shop.install("shop-z", "from shop_port import Report\n@hookimpl\ndef on_startup(scope): scope.extensions(Report)")
    error = live(shop).only
    assert isinstance(error, ContractError)
    check_blame(error, "shop__z", hook="on_startup")
    assert error.fix == "return ExtensionPoint(Report) from register_contract"


def test_two_plugins_with_the_same_point_conflict(shop: Project) -> None:
    shop.install("shop-a", opens())
    shop.install("shop-b", opens())
    error = live(shop).only
    assert isinstance(error, ConflictError)
    assert error.owners == ("shop__a", "shop__b")
    assert error.message == "two extension points Report: shop__a (shop-a 1.0.0) and shop__b (shop-b 1.0.0)"


def test_an_extension_belongs_to_the_first_of_two_conflicting_points(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    shop.configure(ISOLATE)
    shop.install("shop-a", opens())
    shop.install("shop-b", opens())
    shop.install("shop-c", adds())
    assert ready(shop, capsys) == "reports: c 2026\n"


def test_plugins_that_extend_each_other_are_a_cycle(shop: Project) -> None:
    shop.install(
        "shop-a",
        opens()
        .replace("return ExtensionPoint(Report)", "return ExtensionPoint(Report), Extension(Printer, 1)")
        .replace("import Report", "import Printer, Report"),
    )
    shop.install("shop-b", adds().replace("return ", "return ExtensionPoint(Printer), ").replace("Named,", "Named, Printer,"))
    error = live(shop).only
    assert isinstance(error, DependencyCycleError)
    assert error.message == "plugins depend on each other in a cycle: shop__a -> shop__b -> shop__a"


def test_the_graph_names_extensions_as_the_reason(shop: Project) -> None:
    shop.install("shop-z", opens())
    shop.install("shop-a", adds())
    shop.install("shop-b", adds("optional=True"))
    plugins = {plugin["key"]: plugin for plugin in json.loads(shop.host("graph", "--json").stdout)["plugins"]}
    assert plugins["shop__a"]["needs"] == [{"plugin": "shop__z", "why": "extension of Report"}]
    assert plugins["shop__b"]["follows"] == [{"plugin": "shop__z", "why": "optional extension of Report"}]
    assert "needs shop__z (extension of Report)" in shop.host("graph").stdout


def test_two_hosts_in_one_process_have_separate_extensions(shop: Project) -> None:
    shop.install("shop-z", opens())
    shop.install("shop-a", adds())
    with_extension = shop.settings
    shop.install("shop-b", adds())

    async def owners(boot: Boot) -> tuple[str, ...]:
        await boot.register()
        (opener,) = (contribution for contribution in boot.contributions if contribution.key == "shop__z")
        return opener.scope.extensions(importlib.import_module("shop_port").Report).owners

    first, second = Boot(with_extension), Boot(shop.settings)
    assert asyncio.run(owners(second)) == ("shop__a", "shop__b")
    assert asyncio.run(owners(first)) == ("shop__a",)
