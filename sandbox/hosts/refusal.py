"""What this model of the agent does not do, said instead of done wrongly."""

from __future__ import annotations


class NotCollectable(Exception):  # noqa: N818 - it is an answer, not an accident
    """A delivered config asks for something that is not modelled; the text names it."""
