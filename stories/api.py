"""Read API of the stories."""

from __future__ import annotations

from ninja import Router

router = Router()
