"""The sizes of pictures are made beside the web process, never while a reader waits."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from portal.models import PortalRendition
from portal.pictures import picture_html, rendition_specs
from portal.renditions import make_renditions
from portal.tasks import GiveUp
from tests.factories import ImageFactory, StoryPageFactory

pytestmark = pytest.mark.django_db


def test_a_new_picture_gets_every_size_once_it_is_stored(
    django_capture_on_commit_callbacks: object,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        image = ImageFactory(file__width=1600, file__height=1000)
    assert set(image.renditions.values_list("filter_spec", flat=True)) == set(rendition_specs())


def test_a_page_never_makes_a_size(client: Client) -> None:
    page = StoryPageFactory(hero_image=ImageFactory(file__width=1600, file__height=1000))
    response = client.get(page.url)
    assert response.status_code == 200
    assert not PortalRendition.objects.exists()


def test_the_nearest_ready_size_stands_for_one_that_is_missing() -> None:
    image = ImageFactory(file__width=1600, file__height=1000)
    assert picture_html(image, "hero") == ""
    small = image.get_rendition("format-webp|width-480")
    assert small.url in picture_html(image, "hero")


def test_a_broken_file_is_given_up() -> None:
    image = ImageFactory()
    with image.file.storage.open(image.file.name, "wb") as file:
        file.write(b"no picture")
    with pytest.raises((GiveUp, OSError)):
        make_renditions.call(image.pk)


def test_ready_sizes_are_served_and_originals_are_not(client: Client) -> None:
    image = ImageFactory(file__width=800, file__height=600)
    ready = image.get_rendition("format-webp|width-480")
    response = client.get(ready.url)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    assert "max-age" in response["Cache-Control"]
    assert client.get(f"{settings.MEDIA_URL}{image.file.name}").status_code == 404
    assert client.get("/media/images/..%2f..%2fportal.sqlite3").status_code == 404


def test_the_address_of_a_ready_size_cannot_be_guessed_from_the_name(client: Client) -> None:
    image, twin = ImageFactory(file__filename="camp.jpg"), ImageFactory(file__filename="camp.jpg")
    names = [one.get_rendition("width-20").file.name for one in (image, twin)]
    tokens = {name.removeprefix("images/").split("-")[0] for name in names}
    assert len(tokens) == 2
    assert all(len(token) == 16 for token in tokens)
    stem = image.file.name.removeprefix("original_images/").removesuffix(".jpg")
    assert client.get(f"/media/images/{stem}.width-20.jpg").status_code == 404
