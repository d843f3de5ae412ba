"""Watches on the deployment: disk space and the number of arrivals, reported by email."""

from datetime import datetime
from datetime import timedelta

import sqlalchemy as sa

from screener import clock
from screener.db import reading
from screener.disk_space import find_database_folders
from screener.disk_space import measure_free_megabytes
from screener.mail.lead_notices import enqueue_for_leads
from screener.mail.messages.arrived import MOST_FORMS
from screener.mail.messages.disk_space_low import DiskSpaceLow
from screener.mail.messages.many_arrivals import ManyArrivals
from screener.settings import MOST_MEGABYTES
from screener.submissions import queries
from screener.worker.context import JobContext

A_DAY = timedelta(days=1)
#: A usual day is the mean of the four weeks before the last 24 hours, or of as many days as there are.
USUAL_DAYS = 28
#: So many times the usual number are told; a usual day is taken as one form at least.
UNUSUAL_FACTOR = 10


def watch_disk_space(context: JobContext) -> None:
    """Tell that the disk has less space than the floor below which the form is closed. Raises *UnavailableError*."""
    settings = context.settings
    folders = (settings.data, *find_database_folders(settings.inbox, settings.board, settings.store))
    free, now = measure_free_megabytes(folders), clock.now()
    if free is not None and free < settings.min_free_megabytes:
        low = DiskSpaceLow(
            day=now.date(),
            free_megabytes=min(free, MOST_MEGABYTES),
            floor_megabytes=settings.min_free_megabytes,
        )
        enqueue_for_leads(context.store, low, at=now)


def watch_arrivals(context: JobContext) -> None:
    """Tell that ten times as many forms as usual came in the last 24 hours. Raises *UnavailableError*."""
    now = clock.now()
    with reading(context.store) as connection:
        number, usual = count_arrivals(connection, now)
    if number >= UNUSUAL_FACTOR * usual:
        many = ManyArrivals(day=now.date(), number=min(number, MOST_FORMS), usual=min(round(usual), MOST_FORMS))
        enqueue_for_leads(context.store, many, at=now)


def count_arrivals(connection: sa.Connection, now: datetime) -> tuple[int, float]:
    """The submissions received in the 24 hours before *now*, and on a usual day before that: at least one."""
    begins, first = now - A_DAY, queries.find_first_receipt(connection)
    number = queries.count_received_since(connection, begins)
    if first is None or first >= begins:
        return number, 1
    since = max(first, begins - USUAL_DAYS * A_DAY)
    before = queries.count_received_since(connection, since) - number
    return number, max(before / max((begins - since) / A_DAY, 1), 1)
