"""From routes to typed calls.

From the bottom up::

operations                         entity and operation of a route, from its method and path
annotations, dto                   whether a value travels as text, bytes or JSON; what a DTO changes
parameters, arguments              what a route reads from the request; the arguments of its call
request_body, responses, problems  the body, the success, the declared errors
comments                           the documentation comment
call, sockets                      HTTP routes to calls, WebSocket routes to sockets
"""

from __future__ import annotations
