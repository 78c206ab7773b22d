"""`/api/v1/`: one document, one router an app (named by string, the leaf imports none)."""

from __future__ import annotations

from django.urls import re_path
from ninja import NinjaAPI

from portal.problems import answer_problems, no_such_operation

api = NinjaAPI(
    title="Partnership2Gether",
    version="1",
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)

answer_problems(api)
for router in ("search.api.router", "partnerships.api.router", "stories.api.router"):
    api.add_router("", router)

urlpatterns = [*api.urls[0], re_path("", no_such_operation)]
app_name = "api"
