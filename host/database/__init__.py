"""The database: the connection to MongoDB, transactions, and the embedded MongoDB where no URL is configured.

* :mod:`host.database.connect`: a client that is known to reach its server.
* :mod:`host.database.embedded`: a mongod that the host runs itself; its modules import neither pymongo nor asyncio.
"""
