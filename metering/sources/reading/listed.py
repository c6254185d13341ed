"""Lists in JSON that say themselves that they are not all there is: pages, counts, truncations."""

from collections.abc import Mapping, Sequence
from typing import Any

# Django REST, Kubernetes, RGW, S3 and clouds say so in these words. What is empty says nothing.
NEXT = ("next", "nextPageToken", "next_page_token", "nextToken", "next_marker", "nextMarker")
BEFORE = ("previous",)
MORE = ("truncated", "is_truncated", "isTruncated", "has_more", "hasMore")
COUNTS = ("count", "total", "total_count", "totalCount", "totalRows", "totalItems")


def partial(document: Mapping[str, Any], rows: Sequence[object]) -> str:
    """The words by which an answer says that its rows are not the whole list; '' where it does not.

    That another page comes before counts like one that follows: the first rows are not here.
    """
    for key in (*NEXT, *BEFORE):
        if document.get(key):
            return f"`{key}` is set"
    for key in MORE:
        if str(document.get(key, "")).lower() in ("true", "1"):
            return f"`{key}` is true"
    for key in COUNTS:
        count = document.get(key)
        if isinstance(count, int) and not isinstance(count, bool) and count != len(rows):
            return f"`{key}` is {count}, but there are {len(rows)} rows"
    return ""
