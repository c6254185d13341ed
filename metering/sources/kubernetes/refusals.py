"""Why a pod's or claim's devices cannot be counted."""


class HoldError(Exception):
    """What is held cannot be counted; the message is the reason.

    `kind` is the finding that tells of it, '' where the refused row is enough; `subject` and
    `remedy` (in Korean) are the finding's, so that all pods of one cause share one finding.
    """

    def __init__(self, reason: str, kind: str = "", subject: str = "", remedy: str = "") -> None:
        super().__init__(reason)
        self.kind, self.subject, self.remedy = kind, subject, remedy
