"""Child plugins in the generated file: each has a part of its own, like an installed plugin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from host.frontend.model import Generated
from host.frontend.outline import sections_in
from host.lifecycle.generation import booted, described_routes, generate_for
from tests.distributions import Project
from tests.frontend.compile import COMPILERS, compile_files

HERE = Path(__file__).parent
SHOP = HERE / "fixtures" / "fx_shop"

KEYS = [
    "acme__shop",
    "acme__shop.api",
    "acme__shop.audit",
    "acme__shop.invoice",
    "acme__shop.invoice.line",
    "acme__shop.monthly",
    "acme__shop.note",
    "acme__shop.yearly",
]


@pytest.fixture
def shop(project: Project) -> Project:
    """Return a project with the plugin ``acme__shop`` and its children."""
    files = [*SHOP.glob("*.py"), *SHOP.glob("files/*.txt")]
    project.install("acme-shop", {f"acme_shop/{path.relative_to(SHOP)}": path.read_text(encoding="utf-8") for path in files})
    return project


def generated(project: Project, without: str = "") -> Generated:
    """Generate the project's file, optionally without some plugins."""
    disable(project, without)
    return generate_for(*booted(project.settings))


def disable(project: Project, without: str) -> None:
    project.configure(f"[plugins.acme__shop.options]\nwithout = {[without] if without else []}\n")


def test_each_child_has_a_part_of_its_own(shop: Project) -> None:
    file = generated(shop)
    assert sorted(file.parts) == KEYS
    assert {key: "".join(part.values()) for key, part in sections_in(file.text).items()} == file.parts


def test_a_child_names_its_parent(shop: Project) -> None:
    part = generated(shop).parts["acme__shop.invoice.line"]
    identity = part[part.index("export const ") :]
    assert identity.startswith(
        "export const acme__shop$invoice$line = {\n"
        '  pluginName: "line",\n'
        '  author: "acme",\n'
        '  pluginKey: "acme__shop.invoice.line",\n'
        '  version: "1.0.0",\n'
        '  routePrefix: "/acme__shop/invoices/lines",\n'
    )


def test_keys_with_a_dot_are_quoted(shop: Project) -> None:
    text = generated(shop).text
    assert '  readonly "acme__shop.invoice.line": AcmeShopInvoiceLineApi;\n' in text
    assert "export default { acme__shop, " in text
    assert ', "acme__shop.invoice.line": acme__shop$invoice$line, ' in text


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_file_and_code_that_uses_it_compile(shop: Project, compiler: str, tmp_path: Path) -> None:
    (tmp_path / "generated-config.ts").write_text(generated(shop).text, encoding="utf-8")
    usage = tmp_path / "children.ts"
    usage.write_text((HERE / "children.ts").read_text(encoding="utf-8"), encoding="utf-8")
    assert compile_files([usage], compiler) == ""


def test_a_route_at_the_root_of_a_child_is_named_after_the_child(shop: Project) -> None:
    routes = described_routes(*booted(shop.settings))
    operations = {
        (route["method"], route["path"]): route["operation"] for route in routes if route["plugin"] == "acme__shop.invoice"
    }
    assert operations["GET", "/acme__shop/invoices"] == "invoice.getAll"
    assert operations["GET", "/acme__shop/invoices/{id:str}"] == "invoice.get"
    assert operations["POST", "/acme__shop/invoices"] == "invoice.create"
    assert operations["DELETE", "/acme__shop/invoices/draft/{id:str}"] == "draft.delete"


def test_a_child_without_a_prefix_has_its_routes_under_its_parents_prefix(shop: Project) -> None:
    parts = generated(shop).parts
    assert 'routePrefix: "/acme__shop",' in parts["acme__shop.note"]
    assert "`/acme__shop/note/${encodeURIComponent(payload.id)}`" in parts["acme__shop.note"]
    assert "/acme__shop/note" not in parts["acme__shop"]
    assert 'target: "/acme__shop/trail"' in parts["acme__shop.audit"]


@pytest.mark.parametrize("name", ["invoice", "monthly", "yearly", "audit", "note", "api", "invoice.line"])
def test_a_child_changes_no_character_of_the_other_parts(shop: Project, name: str) -> None:
    inside = [key for key in KEYS if f"{key}.".startswith(f"acme__shop.{name}.")]
    whole = generated(shop).parts
    assert generated(shop, name).parts == {key: part for key, part in whole.items() if key not in inside}


def test_a_type_that_the_parent_also_sends_belongs_to_the_parent(shop: Project) -> None:
    part = generated(shop).parts["acme__shop.invoice.line"]
    assert "quota: AcmeShop.Quota;" in part
    assert "interface Quota " not in part


def test_a_type_that_the_parent_does_not_send_belongs_to_the_child(shop: Project) -> None:
    parts = generated(shop).parts
    assert "unsent: AcmeShopInvoiceLine.Unsent;" in parts["acme__shop.invoice.line"]
    assert "Unsent" not in parts["acme__shop"]


def test_a_type_of_a_childs_module_belongs_to_the_child_and_is_copied_elsewhere(shop: Project) -> None:
    parts = generated(shop).parts
    assert "Payload<AcmeShopInvoice.Invoice>" in parts["acme__shop.invoice"]
    assert "invoice: AcmeShop.Invoice;" in parts["acme__shop"]


def test_two_children_of_one_class_each_have_its_types(shop: Project) -> None:
    parts = generated(shop).parts
    monthly = parts["acme__shop.monthly"].replace("monthly", "yearly").replace("AcmeShopMonthly", "AcmeShopYearly")
    assert "interface Figures" in monthly
    digest = re.compile(r'  schema: ".*",\n')
    assert digest.sub("", parts["acme__shop.yearly"]) == digest.sub("", monthly)


def test_the_datatype_of_the_parents_payload_handler_applies_to_children(shop: Project) -> None:
    part = generated(shop).parts["acme__shop.invoice.line"]
    assert '    ledger: {\n      type: "account",' in part


def test_static_files_and_forms_are_not_operations(shop: Project) -> None:
    file = generated(shop)
    assert "/static" not in file.text
    assert "/forms" not in file.text
    assert "hello" not in file.text


def test_check_names_the_child_that_drifted(shop: Project) -> None:
    assert shop.host("generate-config").code == 0
    disable(shop, "invoice.line")
    checked = shop.host("generate-config", "--check")
    assert checked.code == 1
    assert "drifted: acme__shop.invoice.line\n" in checked.stdout + checked.stderr
