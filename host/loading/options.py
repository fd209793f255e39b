"""Validate a plugin's options, from the settings or from its parent, against the plugin's own model class."""

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
from host.common.settings import SettingLocation, Settings
from host.loading.plugin import LoadedPlugin, identity


def model_of(plugin: LoadedPlugin) -> type[pydantic.BaseModel] | None:
    """Return the class of a plugin's options, ``None`` if it takes none.

    Raises:
        HookResultError: ``plugin_options`` returned something other than a pydantic model class.
        HookCallError: it raised.
    """
    model = plugin.call("plugin_options")
    if model is None or (inspect.isclass(model) and issubclass(model, pydantic.BaseModel)):
        return model
    message = f"plugin_options returned {describe_value(model)}; it must return a pydantic model class"
    raise plugin.make_error(HookResultError, message, hook="plugin_options", fix="return the class, not an instance of it, or None")


def from_settings(plugin: LoadedPlugin, options: Mapping[str, Any], settings: Settings) -> Any:
    """Return the validated options of an installed plugin, from its table in the settings.

    Args:
        plugin: the plugin.
        options: the table.
        settings: know the file and the line of the table.

    Raises:
        OptionsError: the options are not valid; names their place.
    """
    table = next((name for name in settings.plugins.tables if plugin.installed.named(name)), plugin.key)
    problems: list[_Problem] = []
    validated, problems = _validated(plugin, model_of(plugin), _resolved(options, problems), options, problems)
    if problems:
        path = ["plugins", table, "options", *filter(None, problems[0].name.split("."))]
        raise _error(plugin, problems, settings.place(*path))
    return validated


def from_parent(plugin: LoadedPlugin, model: type[pydantic.BaseModel] | None, options: Mapping[str, Any]) -> Any:
    """Return the validated options of a child plugin.

    Args:
        plugin: the child.
        model: the class of its options.
        options: the values from its parent.

    Raises:
        OptionsError: the options are not valid.
    """
    validated, problems = _validated(plugin, model, dict(options), options, [])
    if problems:
        raise _error(plugin, problems, SettingLocation(key="", file=None, line=None))
    return validated


def _validated(
    plugin: LoadedPlugin,
    model: type[pydantic.BaseModel] | None,
    values: dict[str, Any],
    options: Mapping[str, Any],
    problems: list[_Problem],
) -> tuple[Any, list[_Problem]]:
    """Validate values; unknown names get a message of their own instead of pydantic's."""
    if model is None:
        return None, [_Problem(name, "the plugin takes no options", "remove the options") for name in list(options)[:1]]
    if model.model_config.get("extra") != "allow":
        known = option_names(model)
        for name in values.keys() - known:
            del values[name]
        unknown = (str(name) for name in options if name not in known)
        problems += [_Problem(name, f"unknown option {name!r}", did_you_mean(name, known)) for name in unknown]
    with plugin.error_context("plugin_options", f"the validation of {model.__name__}"):
        try:
            return model.model_validate(values), problems
        except pydantic.ValidationError as error:
            unset = {problem.name for problem in problems}
            return None, problems + [problem for problem in _problems_in(error) if problem.name not in unset]


@dataclass(frozen=True, slots=True)
class _Problem:
    """What is wrong with an option; its name is "" if it concerns all of them together."""

    name: str
    message: str
    fix: str


def _resolved(options: Mapping[str, Any], problems: list[_Problem], inside: str = "") -> dict[str, Any]:
    """Replace ``{ env = "NAME" }``, at any depth, by the environment variable, so that secrets stay out of the file."""
    resolved: dict[str, Any] = {}
    for name, value in options.items():
        path = f"{inside}{name}"
        if not isinstance(value, dict):
            resolved[name] = value
        elif value.keys() != {"env"}:
            resolved[name] = _resolved(value, problems, f"{path}.")
        elif (variable := str(value["env"])) in os.environ:
            resolved[name] = os.environ[variable]
        else:
            problems.append(
                _Problem(path, f"option {path!r}: the environment variable {variable} is not set", f"export {variable}=…")
            )
    return resolved


def option_names(model: type[pydantic.BaseModel]) -> set[str]:
    """Return the names under which a model accepts its fields."""
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
    """Yield the problems that pydantic found, without the values, which may be secrets."""
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        name = ".".join(str(part) for part in detail["loc"])
        message = f"option {name!r}: {detail['msg']}" if name else f"the options: {detail['msg']}"
        yield _Problem(name, message, "correct the value in the plugin's options")


def _error(plugin: LoadedPlugin, problems: Sequence[_Problem], place: SettingLocation) -> OptionsError:
    return OptionsError(
        "; ".join(problem.message for problem in problems),
        **identity(plugin.key, plugin.installed),
        **place,
        fix="; ".join(dict.fromkeys(problem.fix for problem in problems if problem.fix)),
    )
