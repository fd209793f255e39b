"""From annotations to named TypeScript types.

From the bottom up::

wire                             a collected type and its body; scalars that JSON lacks
canonical_order                  one order for the members of unions and literals
constraints                      what a type cannot express, for its comment
expressions, class_bodies        what msgspec serializes
jsonschema, pydantic_schemas     what pydantic serializes
collector                        the types of one plugin, reached from its routes
equal_shapes                     which shapes of a type are emitted once
type_names                       names for types that have the same name
namespaces                       what each plugin emits, and where it refers to another plugin's type
"""

from __future__ import annotations
