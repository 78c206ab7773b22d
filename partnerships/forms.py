"""Forms of single facts, where they know more than the base form."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from partnerships.enums import Role
from partnerships.models import ParticipationRow
from partnerships.permissions import standing_of
from portal.models import User
from portal.row_forms import RowForm


def people_of(user: Any) -> QuerySet[User]:
    """Return the accounts that `user` may name: all for staff, else those of own Partnerships."""
    standing = standing_of(user)
    people = User.objects.filter(is_active=True)
    if standing.acts_for_all:
        return people
    own = standing.partnership_ids([Role.COORDINATOR])
    return people.filter(role_assignments__partnership__in=own).distinct()


class CommitteeForm(RowForm):
    """A committee with its seats; a seat's holder is one of the Partnership's own people."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user is None:
            return
        for form in self.formsets["seats"].forms:
            if "holder" in form.fields:
                held = Q(pk=form.initial.get("holder"))
                offered = Q(pk__in=people_of(self.for_user).values("pk"))
                form.fields["holder"].queryset = User.objects.filter(offered | held)


class ParticipationForm(RowForm):
    """A number of participants; it is remembered who entered it."""

    def save(self, commit: bool = True) -> ParticipationRow:
        if self.instance.entered_by_id is None and self.for_user is not None:
            self.instance.entered_by = self.for_user
        row: ParticipationRow = super().save(commit)
        return row
