"""What the host uses of its libraries that their documentation does not promise, one module per library.

Each module looks for the names that it needs when it is imported, and works without them on documented API: slower, or with
less precise messages, never wrongly. A library may therefore rename them in any release; the host then says so at its start.
"""
