"""What is registered, as TypeScript: one file, ``generated-config.ts``.

The room is pure: :func:`host.frontend.emit.generate` takes a frozen :class:`host.frontend.model.PluginInput` a plugin and gives
text. It touches no file. From the bottom up::

    text, names                      strings, comments, keys, identifiers: what plugins bring can break nothing
    model                            the border: what goes in, what comes out
    types                            from annotations to types with names
    calls                            from routes to typed calls
    parts, emit                      the text of one plugin, the file
    outline, drift                   what stands in a file by name; how it differs from that, plugin by plugin
    prelude.ts, runtime.ts           what is the same in every file
"""

from __future__ import annotations
