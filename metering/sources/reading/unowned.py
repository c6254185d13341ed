"""The name of nobody: what a source says was used, but not by whom."""

# Usage without an account is not dropped: by this name it is unowned, which stops the month until
# it has an owner or is set aside by name (METERING 20).
NOBODY = "no-account"
