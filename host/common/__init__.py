"""Shared by every room: errors, names, settings, text output, and access to undocumented names of libraries."""
