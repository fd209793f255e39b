"""litestar-host: an entry-point plugin host for Litestar.

``pip install`` a plugin, and its models, routes and contracts become part of one Litestar backend. Plugins import
:mod:`hookspecs` and :mod:`host.data`; programs and tests that embed a host import from here:

* :class:`Host`: boots, starts and stops a host.
* :func:`load_settings`: reads ``host.toml`` and the environment.
* every error of the host, such as ``host.ServiceError`` (the tree is drawn in ``host/common/errors/__init__.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from host.common.shadowing import check_hookspecs
from host.common.version import __version__ as __version__

if TYPE_CHECKING:
    from host.common.errors import *  # noqa: F403 - every error is public
    from host.common.settings import load_settings as load_settings
    from host.lifecycle.host import Host as Host


check_hookspecs()


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: commands that only list plugins need nothing heavy."""
    if name == "Host":
        from host.lifecycle.host import Host

        return Host
    if name == "load_settings":
        from host.common.settings import load_settings

        return load_settings
    from host.common import errors

    if name in errors.__all__:
        return getattr(errors, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
