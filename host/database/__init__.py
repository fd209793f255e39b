"""The database: the connection to MongoDB, transactions, and the embedded MongoDB, which runs if no URL is configured.

* :mod:`host.database.connect`: opens a client and checks that the server answers.
* :mod:`host.database.transactions` and :mod:`~host.database.binding`: transactions across plugins, without passing a session on.
* :mod:`host.database.embedded`: a mongod that the host runs itself; its modules import neither pymongo nor asyncio.
"""
