"""The embedded MongoDB: a real mongod per project directory, run by a supervisor process.

* In a host process: :mod:`~host.database.embedded.lease` (keeps the supervisor alive), :mod:`~host.database.embedded.binary`
  (finds mongod) and :mod:`~host.database.embedded.launch_supervisor` (starts a supervisor).
* In the supervisor process: :mod:`~host.database.embedded.supervisor` (starts mongod), :mod:`~host.database.embedded.watch`
  (restarts it), :mod:`~host.database.embedded.replica` and :mod:`~host.database.embedded.wire`.
* In both: :mod:`~host.database.embedded.layout` (files), :mod:`~host.database.embedded.locks`,
  :mod:`~host.database.embedded.mongod`, :mod:`~host.database.embedded.ports`.
"""
