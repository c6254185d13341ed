"""Meters that a cloud keeps itself, asked of its API."""

from collections.abc import Iterator

from metering.calendar import Period
from metering.errors import JeongsanError
from metering.settings.sections import Section
from metering.settings.site_toml import Site
from metering.settings.source_options.cloud import CloudOptions
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.cloud import naver, nhn
from metering.sources.reading.batch import Batch
from metering.sources.reading.web import Web


def read(source: SourceConfig, section: Section, site: Site, window: Period) -> Iterator[Batch]:
    """The meters of the whole days that the window touches (CLOUD_METER), a batch an answer.

    NHN Cloud is asked by the days of insertion, Naver Cloud by those of use.
    """
    options, endpoint = source.options, source.endpoint
    if not isinstance(options, CloudOptions) or endpoint is None:
        raise JeongsanError(f"{source.name}: is no cloud")
    with Web(endpoint, site.directory, limits=source.limits) as web:
        match options.provider:
            case "nhn":
                yield from nhn.read(web, source.name, options, site.calendar, window)
            case "naver":
                yield from naver.read(web, source.name, options, site.calendar, window)
