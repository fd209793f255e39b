"""The database: an embedded MongoDB for those who name none, and the connection to it or to any other.

* :mod:`host.database.embedded`: a lease on the embedded MongoDB of one directory; imports neither pymongo nor asyncio.
* :mod:`host.database.connect`: a client that is known to reach its server.

The rest belongs to the embedded MongoDB. In a host process: :mod:`~host.database.binary` (which ``mongod``) and
:mod:`~host.database.launch`. In the process that minds mongod: :mod:`~host.database.supervisor` (starts it),
:mod:`~host.database.watch` (keeps it), :mod:`~host.database.replica` and :mod:`~host.database.wire`. In both:
:mod:`~host.database.layout` (the files), :mod:`~host.database.locks`, :mod:`~host.database.mongod`, :mod:`~host.database.ports`.
"""
