"""The pluggy project name and its two markers."""

from __future__ import annotations

from typing import Final

import pluggy

#: The pluggy project name, and the first half of the entry-point group ``host.plugins``.
PROJECT: Final = "host"

#: Marks a function of a plugin as an implementation of the hook of that name.
hookimpl: Final = pluggy.HookimplMarker(PROJECT)

#: Marks a function as the specification of a hook.
hookspec: Final = pluggy.HookspecMarker(PROJECT)
