"""The pluggy project name and its two markers."""

from __future__ import annotations

from typing import Final

import pluggy

#: The pluggy project name, and the first half of the entry-point group ``host.plugins``.
PROJECT: Final = "host"

#: Decorator for a plugin's function that implements the hook of the same name.
hookimpl: Final = pluggy.HookimplMarker(PROJECT)

#: Decorator for a function that specifies a hook.
hookspec: Final = pluggy.HookspecMarker(PROJECT)
