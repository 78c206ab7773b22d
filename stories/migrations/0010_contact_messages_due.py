"""Each message of a visitor has its own time to be answered by, and is given to staff by itself."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def to_messages(apps: Any, schema_editor: Any) -> None:
    """Give messages what stood in their exchange; in one that was answered nothing waits."""
    requests = apps.get_model("stories", "ContactRequest").objects.filter(pk=OuterRef("request"))
    apps.get_model("stories", "ContactMessage").objects.filter(recipient=None).update(
        due_at=Subquery(requests.values("due_at")[:1]),
        settled_at=Subquery(requests.values("answered_at")[:1]),
        escalated_at=Subquery(requests.values("escalated_at")[:1]),
    )


def to_requests(apps: Any, schema_editor: Any) -> None:
    """Give exchanges the times of their first message."""
    messages = apps.get_model("stories", "ContactMessage").objects.filter(
        request=OuterRef("pk"), recipient=None
    )
    first = messages.order_by("created_at", "pk")
    apps.get_model("stories", "ContactRequest").objects.update(
        due_at=Subquery(first.values("due_at")[:1]),
        escalated_at=Subquery(first.values("escalated_at")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [("stories", "0009_answers_by_side")]

    operations = [
        migrations.AddField(
            model_name="contactmessage",
            name="due_at",
            field=models.DateTimeField(null=True, verbose_name="to be answered by"),
        ),
        migrations.AddField(
            model_name="contactmessage",
            name="settled_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="contactmessage",
            name="escalated_at",
            field=models.DateTimeField(null=True, verbose_name="given to the network’s staff on"),
        ),
        migrations.AlterField(  # the way back gives it what it held before it is required again
            model_name="contactrequest",
            name="due_at",
            field=models.DateTimeField(null=True, verbose_name="to be answered by"),
        ),
        migrations.RunPython(to_messages, to_requests),
        migrations.RemoveIndex(model_name="contactrequest", name="stories_contact_due"),
        migrations.RemoveField(model_name="contactrequest", name="due_at"),
        migrations.RemoveField(model_name="contactrequest", name="escalated_at"),
        migrations.AddIndex(
            model_name="contactmessage",
            index=models.Index(
                condition=models.Q(recipient=None, settled_at=None, escalated_at=None),
                fields=["due_at"],
                name="stories_contact_due",
            ),
        ),
    ]
