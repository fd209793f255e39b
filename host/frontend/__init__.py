"""Generate ``generated-config.ts``, the TypeScript of everything that plugins register.

The package does no I/O: :func:`host.frontend.emit.generate` takes one frozen :class:`host.frontend.model.PluginInput` per plugin
and returns text. From the bottom up::

    text, names                      strings, comments, keys and identifiers, escaped so that text of plugins breaks nothing
    model                            the input and the output of the generator
    types                            from annotations to types with names
    calls                            from routes to typed calls
    parts, emit                      the text of one plugin, the file
    outline, drift                   the items of a file by name; the differences between two files, by plugin
    prelude.ts, runtime.ts           the text that is the same in every file
"""

from __future__ import annotations
