"""The document base class, its fields, and reading and writing documents."""
