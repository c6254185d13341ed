"""What a month is made from, and its draft: the result of these inputs and the digest of both.

Not here: approval and issue (close), and what keeps an issued month (bundle).
Entry: `draft.settle`.
"""
