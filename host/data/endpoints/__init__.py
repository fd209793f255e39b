"""The routes that ``crud`` makes for a document class."""
