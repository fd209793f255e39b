"""The examples of ``docs/errors.md``, a subject a file: each is run by the real command, and is a test too."""
