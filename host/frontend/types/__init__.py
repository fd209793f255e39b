"""From annotations to types with names.

From the bottom up::

wire                             what a collected type is; the scalars that JSON does not have
canonical                        unions and literals in one order
constraints                      what a type cannot say, for its comment
expressions, classes             what msgspec serialises
jsonschema, schemas              what pydantic serialises
collect                          one plugin's types, found from its routes
partition, spelling, resolve     which of them are one type, what each is called, which another plugin already has
"""

from __future__ import annotations
