"""What package metadata says that cannot be: keys, dependencies, versions, rings."""

from __future__ import annotations

import pytest

from host.common.errors import (
    DependencyCycleError,
    DependencyFailedError,
    DuplicatePluginError,
    HostVersionError,
    InvalidKeyError,
    MissingDependencyError,
)
from tests.distributions import Project
from tests.errors.driving import check_blame, live

MARK = "from pathlib import Path\nPath(__file__).with_suffix('.imported').touch()\n"


def imported(project: Project, module: str) -> bool:
    """Whether a module made with :data:`MARK` was imported."""
    return (project.site.directory / f"{module}.imported").exists()


def test_two_distributions_with_one_key_are_both_named(project: Project) -> None:
    project.install("shop-cart", MARK, key="shop__cart")
    project.install("other-cart", MARK, version="2.1", key="shop__cart")
    error = live(project).only
    assert isinstance(error, DuplicatePluginError)
    assert "other-cart 2.1 and shop-cart 1.0.0" in error.message
    assert error.facts["plugin"] == "shop__cart"
    assert "pip uninstall" in error.fix
    assert not imported(project, "shop_cart")
    assert not imported(project, "other_cart")


def test_of_two_with_one_key_one_can_be_disabled_by_its_distribution(project: Project) -> None:
    project.install("shop-cart", MARK, key="shop__cart")
    project.install("other-cart", MARK, key="shop__cart")
    project.configure("[plugins]\ndisabled = ['other-cart']\n")
    assert live(project).errors == ()
    assert imported(project, "shop_cart")
    assert not imported(project, "other_cart")


@pytest.mark.parametrize("key", ["cart", "Shop__Cart", "shop__cart__more", "shop-cart", "shop__", "__cart", "shop__1", "shop cart"])
def test_a_key_that_is_none_is_refused(project: Project, key: str) -> None:
    project.install("shop-cart", MARK, key=key)
    error = live(project).only
    assert isinstance(error, InvalidKeyError)
    assert error.facts["plugin"] == key
    assert error.facts["distribution"] == "shop-cart 1.0.0"
    assert "author__name" in error.fix
    assert not imported(project, "shop_cart")


def test_a_missing_dependency_is_named(project: Project) -> None:
    project.install("shop-cart", requires=["shop-stock>=1.2,<2"])
    error = live(project).only
    assert isinstance(error, MissingDependencyError)
    check_blame(error, "shop__cart")
    assert "shop-stock<2,>=1.2, which is not installed" in error.message
    assert error.fix == "pip install 'shop-stock<2,>=1.2'"


def test_a_dependency_in_a_wrong_version_is_named_with_both(project: Project) -> None:
    project.install("shop-stock", version="1.0.0")
    project.install("shop-cart", requires=["shop-stock>=1.2"])
    error = live(project).only
    assert isinstance(error, MissingDependencyError)
    check_blame(error, "shop__cart")
    assert "shop-stock>=1.2, but shop-stock 1.0.0 is installed" in error.message


def test_a_dependency_whose_version_cannot_be_read_does_not_fit(project: Project) -> None:
    project.install("shop-stock", version="one")
    project.install("shop-cart", requires=["shop-stock>=1.2"])
    error = live(project).only
    assert isinstance(error, MissingDependencyError)
    assert "shop-stock one is installed" in error.message


def test_a_dependency_that_is_disabled_is_named(project: Project) -> None:
    project.install("shop-stock")
    project.install("shop-cart", requires=["shop-stock"])
    project.configure("[plugins]\ndisabled = ['shop__stock']\n")
    error = live(project).only
    assert isinstance(error, MissingDependencyError)
    check_blame(error, "shop__cart")
    assert "host plugins enable shop-stock" in error.fix


def test_a_requirement_for_another_platform_counts_for_nothing(project: Project) -> None:
    project.install("shop-cart", requires=["no-such-thing; sys_platform == 'amiga'", "no-such-thing; extra == 'more'"])
    assert live(project).errors == ()


def test_a_host_that_is_too_old_is_named(project: Project) -> None:
    project.install("shop-cart", MARK, requires=["litestar-host>=99,<100"])
    error = live(project).only
    assert isinstance(error, HostVersionError)
    check_blame(error, "shop__cart")
    assert "litestar-host<100,>=99" in error.message
    assert not imported(project, "shop_cart")


def test_a_ring_of_requirements_is_printed(project: Project) -> None:
    project.install("shop-a", MARK, requires=["shop-b"])
    project.install("shop-b", MARK, requires=["shop-c"])
    project.install("shop-c", MARK, requires=["shop-a"])
    project.install("shop-d", MARK, requires=["shop-c"])
    life = live(project)
    ring, taken = life.errors
    assert isinstance(ring, DependencyCycleError)
    assert "shop__a -> shop__b -> shop__c -> shop__a" in ring.message
    assert isinstance(taken, DependencyFailedError)
    assert taken.plugin == "shop__d"
    assert not any(imported(project, f"shop_{name}") for name in "abcd")


def test_two_rings_are_both_printed(project: Project) -> None:
    for name, other in [("shop-a", "shop-b"), ("shop-b", "shop-a"), ("shop-x", "shop-y"), ("shop-y", "shop-x")]:
        project.install(name, requires=[other])
    messages = [error.message for error in live(project).errors]
    assert len(messages) == 2
    assert "shop__a -> shop__b -> shop__a" in messages[0]
    assert "shop__x -> shop__y -> shop__x" in messages[1]


def test_a_ring_through_the_rules_of_order_is_printed(project: Project) -> None:
    project.install("shop-a")
    project.install("shop-b", requires=["shop-a"])
    project.configure("[plugins]\norder = ['shop__b before shop__a']\n")
    error = live(project).only
    assert isinstance(error, DependencyCycleError)
    assert "shop__a -> shop__b -> shop__a" in error.message
    assert "plugins.order" in error.fix


def test_a_ring_through_a_contract_is_printed(project: Project) -> None:
    project.install("shop-port", "from typing import Protocol\nclass Stock(Protocol): ...\n", plugins={})
    project.install(
        "shop-a",
        "from shop_port import Stock\n@hookimpl\ndef register_contract(scope): return Uses(Stock, 'stock')",
        requires=["shop-port"],
    )
    project.install(
        "shop-b",
        "from shop_port import Stock\n@hookimpl\ndef register_contract(scope): return Contract(Stock, object(), '1')",
        requires=["shop-a"],
    )
    error = live(project).only
    assert isinstance(error, DependencyCycleError)
    assert "shop__a -> shop__b -> shop__a" in error.message


def test_dependents_of_a_failed_plugin_fail_with_the_chain(project: Project) -> None:
    project.install("shop-a", "import nothing_such")
    project.install("shop-b", MARK, requires=["shop-a"])
    project.install("shop-c", MARK, requires=["shop-b"])
    first, second, third = live(project).errors
    assert first.code == "import-failed"
    for error in (second, third):
        assert isinstance(error, DependencyFailedError)
        assert error.fix == "fix shop__a"
    assert isinstance(third, DependencyFailedError)
    assert third.chain == ("shop__c", "shop__b", "shop__a")
    assert "needs shop__b which needs shop__a, which failed" in third.message
    assert not imported(project, "shop_b")
    assert not imported(project, "shop_c")


@pytest.mark.parametrize("requirement", ["not a requirement", "shop-stock >> 1"])
def test_a_requirement_that_cannot_be_read_counts_for_nothing(project: Project, requirement: str) -> None:
    project.install("shop-cart", requires=[requirement])
    assert live(project).errors == ()
