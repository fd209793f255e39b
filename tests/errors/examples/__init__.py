"""The examples of ``docs/errors.md``, one subject per file: each runs the real command and is a test as well."""
