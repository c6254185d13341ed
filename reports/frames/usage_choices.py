"""What a person may choose of metered usage; it imports nothing, since every help page reads it."""

from enum import StrEnum


class UsageBy(StrEnum):
    """What a row is of."""

    DAY = "day"
    PROJECT = "project"
    COMPANY = "company"
    SKU = "sku"
    ACCOUNT = "account"
    ALLOCATION = "allocation"


class UsageFormat(StrEnum):
    """What a file of metered usage can be."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSON = "json"
