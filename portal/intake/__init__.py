"""Bringing in what exists: a city's own tables of groups and of past counts, looked at before they count."""
