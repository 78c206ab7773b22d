"""Read API of the Partnerships."""

from __future__ import annotations

from ninja import Router

router = Router()
