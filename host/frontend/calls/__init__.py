"""From routes to typed calls.

From the bottom up::

operations                       entity and operation of a route; callable before any application exists
annotations, transfer            how a value travels as a whole; what a DTO makes of it
parameters, arguments            what a route takes from where, as the arguments of a call
sending, answers, problems       the body, the success, the errors
docs                             the comment
call, sockets                    routes to calls, WebSockets to sockets
"""

from __future__ import annotations
