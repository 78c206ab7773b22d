"""What the front page's app adds to the admin."""

from wagtail import hooks

from home.demo_watch import demonstration_waits

hooks.register("what_waits", demonstration_waits)
