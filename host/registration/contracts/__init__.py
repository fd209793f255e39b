"""Contracts between plugins: providers, users and extension points, compared with their protocols."""
