"""Clouds that meter themselves: NHN Cloud and Naver Cloud, asked of their APIs.

Not here: what their meters add up to (collect).
Entry: `source.read`.
"""
