"""Settings from ``HOST_…`` variables of the environment."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from host.common.errors import SettingsError
from host.common.naming import did_you_mean
from host.common.settings.model import (
    BuildSettings,
    ChannelsSettings,
    DatabaseSettings,
    FrontendSettings,
    PluginsSettings,
    ServerSettings,
)

#: The tables whose keys can also be set by variables.
_SECTIONS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "database": DatabaseSettings,
    "plugins": PluginsSettings,
    "frontend": FrontendSettings,
    "build": BuildSettings,
    "server": ServerSettings,
    "channels": ChannelsSettings,
}
# For a Service called host-database, Kubernetes sets HOST_DATABASE_SERVICE_HOST, HOST_DATABASE_SERVICE_PORT_<name>,
# HOST_DATABASE_PORT=tcp://…, HOST_DATABASE_PORT_27017_TCP_ADDR and more in every pod of the namespace.
_KUBERNETES_NAME: Final = re.compile(r"_SERVICE_|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_|\Z)")
_KUBERNETES_VALUE: Final = re.compile(r"(?:tcp|udp|sctp)://")
_LOG: Final = logging.getLogger("host")


def merge_environment(settings: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[tuple[str, ...], str]]:
    """Override settings by variables: ``HOST_DATABASE_URL`` and ``HOST_DATABASE__URL`` both set ``database.url``.

    Variables that Kubernetes sets for a Service are ignored with a warning. Variables outside the sections are left alone.

    Args:
        settings: the settings of the file.
        environ: the environment.

    Returns:
        The merged settings, and a map from the path of a setting to the variable that set it.

    Raises:
        SettingsError: A variable names no setting, or its value does not parse.
    """
    merged = {name: dict(value) if isinstance(value, dict) else value for name, value in settings.items()}
    variables: dict[tuple[str, ...], str] = {}
    ignored: list[str] = []
    if "HOST_ENVIRONMENT" in environ:
        merged["environment"] = environ["HOST_ENVIRONMENT"]
    for section in _SECTIONS:
        start = f"HOST_{section.upper()}_"
        for variable in sorted(name for name in environ if name.startswith(start)):
            if _is_from_kubernetes(variable, environ[variable]):
                ignored.append(variable)
                continue
            key = variable.removeprefix(start).lstrip("_").lower()
            table = merged.setdefault(section, {})
            if isinstance(table, dict):
                table[key] = _parse(environ[variable], section, key, variable)
                variables[section, key] = variable
    _warn_of(ignored)
    return merged, variables


def _is_from_kubernetes(variable: str, value: str) -> bool:
    """Return whether Kubernetes sets such a variable for a Service, even if a setting has the same name."""
    return _KUBERNETES_NAME.search(variable) is not None or _KUBERNETES_VALUE.match(value) is not None


def _warn_of(ignored: list[str]) -> None:
    if ignored:
        message = "ignored %s, which Kubernetes sets for a Service; enableServiceLinks: false in the pod's specification stops that"
        _LOG.warning(message, ", ".join(ignored))


def _parse(text: str, section: str, key: str, variable: str) -> Any:
    struct = _SECTIONS[section]
    if key not in struct.__struct_fields__ or key == "tables":
        allowed = (f"HOST_{section.upper()}_{name.upper()}" for name in struct.__struct_fields__ if name != "tables")
        raise SettingsError(f"unknown variable {variable}", key=variable, fix=did_you_mean(variable, allowed))
    default = getattr(struct(), key)
    if isinstance(default, str) and key != "enabled":
        return text
    if isinstance(default, float | int):
        try:
            return type(default)(text)
        except ValueError:
            message = f"{variable} must be a {'number of seconds' if isinstance(default, float) else 'whole number'}, not {text!r}"
            raise SettingsError(message, key=variable, fix=f"for example {variable}=10") from None
    return text if text == "installed" else [part.strip() for part in text.split(",") if part.strip()]
