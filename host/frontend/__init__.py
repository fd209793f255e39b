"""What is registered, as TypeScript: one file, ``generated-config.ts``.

The room is pure: :func:`host.frontend.emit.generate` takes a frozen :class:`host.frontend.model.PluginInput` a plugin and gives
text. It touches no file. From the bottom up::

    text, names                      strings, comments, keys, identifiers: what plugins bring can break nothing
    canonical                        unions and literals in one order
    model                            the border: what goes in, what comes out
    operations                       entity and operation of a route; callable before any application exists
    wire                             what a collected type is; the scalars that JSON does not have
    constraints                      what a type cannot say, for its comment
    expressions, classes             what msgspec serialises
    jsonschema, schemas              what pydantic serialises
    collect                          one plugin's types, found from its routes
    partition, spelling, resolve     which of them are one type, what each is called, which another plugin already has
    annotations, transfer            how a value travels as a whole; what a DTO makes of it
    parameters, arguments            what a route takes from where, as the arguments of a call
    sending, answers, problems       the body, the success, the errors
    docs, calls, sockets             the comment; routes to calls, WebSockets to sockets
    parts, emit                      the text of one plugin, the file
    outline, drift                   what stands in a file by name; how it differs from that, plugin by plugin
    prelude.ts, runtime.ts           what is the same in every file
"""

from __future__ import annotations
