"""A plugin's options: from the settings, or from the plugin that it lies in, validated against its own class (rows F5, K8, E12)."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pydantic

from host.common.describe import describe_value
from host.common.errors import HookResultError, OptionsError
from host.common.naming import did_you_mean
from host.common.settings import Settings, SourceLocation
from host.loading.plugin import LoadedPlugin, identity


def model_of(plugin: LoadedPlugin) -> type[pydantic.BaseModel] | None:
    """The class of a plugin's options, ``None`` where it takes none.

    Raises:
        HookResultError: ``plugin_options`` returned something else.
        HookCallError: it raised.
    """
    model = plugin.call("plugin_options")
    if model is None or (inspect.isclass(model) and issubclass(model, pydantic.BaseModel)):
        return model
    message = f"plugin_options returned {describe_value(model)}; it must return a pydantic model class"
    raise plugin.make_error(HookResultError, message, hook="plugin_options", fix="return the class, not an instance of it, or None")


def from_settings(plugin: LoadedPlugin, options: Mapping[str, Any], settings: Settings) -> Any:
    """The options of an installed plugin, as its table in the settings gives them.

    Args:
        plugin: the plugin.
        options: its table.
        settings: know where that stands.

    Raises:
        OptionsError: they do not validate; says where they stand.
    """
    table = next((name for name in settings.plugins.tables if plugin.installed.named(name)), plugin.key)
    problems: list[_Problem] = []
    found, problems = _validated(plugin, model_of(plugin), _resolved(options, problems), options, problems)
    if problems:
        path = ["plugins", table, "options", *filter(None, problems[0].name.split("."))]
        raise _error(plugin, problems, settings.place(*path))
    return found


def from_parent(plugin: LoadedPlugin, model: type[pydantic.BaseModel] | None, options: Mapping[str, Any]) -> Any:
    """The options of a child plugin, as the plugin that it lies in gives them.

    Args:
        plugin: the child.
        model: the class of its options.
        options: the values.

    Raises:
        OptionsError: they do not validate.
    """
    found, problems = _validated(plugin, model, dict(options), options, [])
    if problems:
        raise _error(plugin, problems, SourceLocation(key="", file=None, line=None))
    return found


def _validated(
    plugin: LoadedPlugin,
    model: type[pydantic.BaseModel] | None,
    given: dict[str, Any],
    options: Mapping[str, Any],
    problems: list[_Problem],
) -> tuple[Any, list[_Problem]]:
    """Validate what is given; unknown names are told by their own message, not by pydantic's."""
    if model is None:
        return None, [_Problem(name, "the plugin takes no options", "take the options out") for name in list(options)[:1]]
    if model.model_config.get("extra") != "allow":
        known = option_names(model)
        for name in given.keys() - known:
            del given[name]
        unknown = (str(name) for name in options if name not in known)
        problems += [_Problem(name, f"unknown option {name!r}", did_you_mean(name, known)) for name in unknown]
    with plugin.error_context("plugin_options", f"the validation of {model.__name__}"):
        try:
            return model.model_validate(given), problems
        except pydantic.ValidationError as error:
            unset = {problem.name for problem in problems}
            return None, problems + [problem for problem in _problems_in(error) if problem.name not in unset]


@dataclass(frozen=True, slots=True)
class _Problem:
    """An option that does not fit; "" as its name for all of them together."""

    name: str
    message: str
    fix: str


def _resolved(options: Mapping[str, Any], problems: list[_Problem], inside: str = "") -> dict[str, Any]:
    """``{ env = "NAME" }``, in tables of tables too, is the value of an environment variable: so secrets stay out of the file."""
    found: dict[str, Any] = {}
    for name, value in options.items():
        path = f"{inside}{name}"
        if not isinstance(value, dict):
            found[name] = value
        elif value.keys() != {"env"}:
            found[name] = _resolved(value, problems, f"{path}.")
        elif (variable := str(value["env"])) in os.environ:
            found[name] = os.environ[variable]
        else:
            problems.append(_Problem(path, f"option {path!r}: the environment has no {variable}", f"export {variable}=…"))
    return found


def option_names(model: type[pydantic.BaseModel]) -> set[str]:
    """The names under which the fields of a model are taken."""
    by_name = model.model_config.get("populate_by_name") or model.model_config.get("validate_by_name")
    names: set[str] = set()
    for field, info in model.model_fields.items():
        alias = info.validation_alias
        choices = alias.choices if isinstance(alias, pydantic.AliasChoices) else [alias]
        names |= {str(choice.path[0] if isinstance(choice, pydantic.AliasPath) else choice) for choice in choices if choice}
        if by_name or alias is None:
            names.add(field)
    return names


def _problems_in(error: pydantic.ValidationError) -> Iterator[_Problem]:
    """What does not fit, without what was given: that may be a secret."""
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        name = ".".join(str(part) for part in one["loc"])
        message = f"option {name!r}: {one['msg']}" if name else f"the options: {one['msg']}"
        yield _Problem(name, message, "correct the value in the plugin's options")


def _error(plugin: LoadedPlugin, problems: Sequence[_Problem], place: SourceLocation) -> OptionsError:
    return OptionsError(
        "; ".join(problem.message for problem in problems),
        **identity(plugin.key, plugin.installed),
        **place,
        fix="; ".join(dict.fromkeys(problem.fix for problem in problems if problem.fix)),
    )
