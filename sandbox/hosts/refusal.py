"""What this model of the agent does not do, said instead of done wrongly."""

from __future__ import annotations


class NotCollectable(Exception):
    """A delivered config asks for something that is not modelled; the text names it."""
