"""The address of the board, below the language."""

from __future__ import annotations

from django.urls import path

from stories.challenge_board import BoardView

urlpatterns = [path("", BoardView.as_view(), name="board")]
